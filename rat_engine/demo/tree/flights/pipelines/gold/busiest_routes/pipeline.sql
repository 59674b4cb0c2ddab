-- @description: Where New York flies to, the busiest route first.
-- @tags: demo
SELECT
    row_number() OVER (ORDER BY count(*) DESC, origin, destination) AS rank,
    origin,
    destination,
    any_value(destination_name) AS destination_name,
    any_value(distance) AS distance,
    count(*) AS flights,
    count(DISTINCT carrier) AS airlines,
    round(count(*) / count(DISTINCT flight_date), 1) AS flights_per_day,
    round(avg(arrival_delay), 1) AS average_arrival_delay,
    round(avg(cancelled::INTEGER), 3) AS share_cancelled
FROM {{ ref('silver.flights_enriched') }}
GROUP BY origin, destination
ORDER BY rank
