-- @description: Joining neither loses nor doubles a flight.
-- @severity: error
-- @remediation: One of the joined tables has two rows per key. Its own tests say which.
SELECT flights, enriched
FROM (SELECT count(*) AS flights FROM {{ ref('silver.flights') }})
CROSS JOIN (SELECT count(*) AS enriched FROM {{ this }})
WHERE flights <> enriched
