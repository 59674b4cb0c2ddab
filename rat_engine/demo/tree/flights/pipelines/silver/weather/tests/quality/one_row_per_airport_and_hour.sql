-- @description: An airport has at most one measurement an hour, so joining the weather doubles no flight.
-- @severity: error
SELECT origin, weather_hour, count(*) AS times
FROM {{ this }}
GROUP BY origin, weather_hour
HAVING count(*) > 1
