-- @description: Every flight's airline has a name.
-- @severity: error
-- @remediation: Land an airlines file that has the missing codes.
SELECT carrier, count(*) AS flights
FROM {{ this }}
WHERE airline IS NULL
GROUP BY carrier
