-- @description: The flights of all rows together are the flights of silver.
-- @severity: error
SELECT counted, flights
FROM (SELECT coalesce(sum(flights), 0) AS counted FROM {{ this }})
CROSS JOIN (SELECT count(*) AS flights FROM {{ ref('silver.flights_enriched') }})
WHERE counted <> flights
