-- @description: Every plane was built after 1940 and before the flights took place.
-- @severity: error
SELECT tailnum, year_built, manufacturer, model
FROM {{ this }}
WHERE year_built NOT BETWEEN 1940 AND 2013
