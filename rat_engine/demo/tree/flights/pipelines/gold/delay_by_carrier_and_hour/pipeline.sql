-- @description: When to fly with whom: delays by airline and hour of departure.
-- @tags: demo
SELECT
    carrier,
    airline,
    hour(scheduled_departure) AS departure_hour,
    count(*) AS flights,
    count(*) FILTER (cancelled) AS cancelled,
    round(avg(departure_delay), 1) AS average_departure_delay,
    median(arrival_delay) AS median_arrival_delay,
    round(avg((arrival_delay > 15)::INTEGER), 3) AS share_late
FROM {{ ref('silver.flights_enriched') }}
GROUP BY carrier, airline, departure_hour
ORDER BY carrier, departure_hour
