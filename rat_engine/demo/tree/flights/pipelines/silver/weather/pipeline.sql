-- @description: Hourly weather in metric units, with the gaps made NULL.
-- @tags: demo
SELECT
    origin,
    time_hour AS weather_hour,
    round((temp - 32) / 1.8, 1) AS temperature,
    humid AS humidity,
    round(precip * 25.4, 2) AS precipitation,
    round(visib * 1.609344, 1) AS visibility,
    round(try_cast(wind_speed AS DOUBLE) * 1.609344, 1) AS wind_speed,
    round(try_cast(wind_gust AS DOUBLE) * 1.609344, 1) AS wind_gust,
    try_cast(pressure AS DOUBLE) AS pressure
FROM {{ ref('bronze.weather') }}
