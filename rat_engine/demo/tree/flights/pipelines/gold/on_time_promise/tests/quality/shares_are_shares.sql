-- @description: A share is between 0 and 1.
-- @severity: error
SELECT carrier, share_on_time
FROM {{ this }}
WHERE share_on_time NOT BETWEEN 0 AND 1
