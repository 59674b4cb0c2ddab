-- @description: Most flights leave in fair weather; if not, the conditions are judged wrongly.
-- @severity: error
SELECT count(*) AS conditions, max(flights) FILTER (conditions = 'fair') AS fair, max(flights) AS most
FROM {{ this }}
HAVING fair IS NULL OR fair < most
