-- @description: What weather costs: delays and cancellations by conditions at departure.
-- @tags: demo
WITH judged AS (
    SELECT
        *,
        CASE
            WHEN precipitation > 0 AND temperature <= 0 THEN 'snow or ice'
            WHEN precipitation > 0 THEN 'rain'
            WHEN visibility < 3 THEN 'fog'
            WHEN wind_speed >= 40 THEN 'strong wind'
            ELSE 'fair'
        END AS conditions
    FROM {{ ref('silver.flights_enriched') }}
    WHERE temperature IS NOT NULL
)

SELECT
    conditions,
    count(*) AS flights,
    round(avg(cancelled::INTEGER), 3) AS share_cancelled,
    round(avg(departure_delay), 1) AS average_departure_delay,
    round(avg((departure_delay > 60)::INTEGER), 3) AS share_an_hour_late
FROM judged
GROUP BY conditions
ORDER BY average_departure_delay DESC
