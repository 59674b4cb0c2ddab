-- @description: Cleaning neither loses nor adds a flight.
-- @severity: error
-- @remediation: Compare the dates in this table with those in bronze.flights to find the rows that differ.
SELECT landed, kept
FROM (SELECT count(*) AS landed FROM {{ ref('bronze.flights') }})
CROSS JOIN (SELECT count(*) AS kept FROM {{ this }})
WHERE landed <> kept
