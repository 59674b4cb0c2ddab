-- @description: A share is between 0 and 1.
-- @severity: error
SELECT carrier, departure_hour, share_late
FROM {{ this }}
WHERE share_late NOT BETWEEN 0 AND 1
