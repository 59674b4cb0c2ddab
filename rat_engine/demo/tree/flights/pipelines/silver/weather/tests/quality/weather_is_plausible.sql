-- @description: Temperatures are between −40 and 50 °C, humidity is between 0 and 100 %.
-- @severity: error
SELECT origin, weather_hour, temperature, humidity
FROM {{ this }}
WHERE temperature NOT BETWEEN -40 AND 50 OR humidity NOT BETWEEN 0 AND 100
