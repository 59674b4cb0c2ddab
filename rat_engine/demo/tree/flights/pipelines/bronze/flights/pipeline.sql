-- @description: Every flight that left New York, as it landed.
-- @merge_strategy: append_only
-- @tags: demo
--
-- Land another month into the zone and run this again: only the new file is read.
SELECT *
FROM {{ landing_zone('flights') }}
{%- if is_incremental() %}
WHERE _file NOT IN (SELECT DISTINCT _file FROM {{ this }})
{%- endif %}
