-- @description: The planes' registrations, as they landed.
-- @tags: demo
SELECT *
FROM {{ landing_zone('planes') }}
