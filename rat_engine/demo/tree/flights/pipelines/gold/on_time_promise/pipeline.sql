-- @description: Who keeps the promise? The share of flights that arrive on time, by airline.
-- @tags: demo
--
-- One of this pipeline's tests fails on purpose: see what happens to a table whose data is not good enough.
SELECT
    carrier,
    airline,
    count(*) AS flights,
    round(avg((arrival_delay <= 15)::INTEGER), 3) AS share_on_time
FROM {{ ref('silver.flights_enriched') }}
WHERE NOT cancelled AND NOT diverted
GROUP BY carrier, airline
ORDER BY share_on_time DESC
