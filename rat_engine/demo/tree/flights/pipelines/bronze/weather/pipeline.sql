-- @description: Hourly weather at New York's three airports, as it landed.
-- @tags: demo
SELECT *
FROM {{ landing_zone('weather') }}
