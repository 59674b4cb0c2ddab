-- @description: Every tail number is in silver.planes.
-- @severity: warn
-- @remediation: American Airlines and Envoy report fleet numbers instead of tail numbers. Their flights have no age of the plane; everything else holds.
SELECT tailnum, any_value(airline) AS airline, count(*) AS flights
FROM {{ this }}
WHERE tailnum IS NOT NULL AND tailnum NOT IN (SELECT tailnum FROM {{ ref('silver.planes') }})
GROUP BY tailnum
ORDER BY flights DESC, tailnum
