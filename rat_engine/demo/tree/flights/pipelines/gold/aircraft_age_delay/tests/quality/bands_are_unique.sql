-- @description: Each band of ages is there once.
-- @severity: error
SELECT age_from, count(*) AS times
FROM {{ this }}
GROUP BY age_from
HAVING count(*) > 1 OR age_from < 0
