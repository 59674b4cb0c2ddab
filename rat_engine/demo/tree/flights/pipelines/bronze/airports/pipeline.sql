-- @description: The airports' names and places, as they landed.
-- @tags: demo
SELECT *
FROM {{ landing_zone('airports') }}
