-- @description: A tail number names one plane.
-- @severity: error
SELECT tailnum, count(*) AS times
FROM {{ this }}
GROUP BY tailnum
HAVING count(*) > 1 OR tailnum IS NULL
