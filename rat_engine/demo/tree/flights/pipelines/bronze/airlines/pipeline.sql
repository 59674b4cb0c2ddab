-- @description: The airlines' codes and names, as they landed.
-- @tags: demo
SELECT *
FROM {{ landing_zone('airlines') }}
