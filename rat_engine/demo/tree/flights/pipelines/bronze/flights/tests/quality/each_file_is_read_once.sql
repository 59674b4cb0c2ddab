-- @description: No flight is there twice, so no file was read twice.
-- @severity: error
-- @remediation: Look for the same rows under two file names in the landing zone, and remove one of the files.
SELECT year, month, day, carrier, flight, origin, count(*) AS times, min(_file) AS first_file, max(_file) AS last_file
FROM {{ this }}
GROUP BY year, month, day, carrier, flight, origin
HAVING count(*) > 1
