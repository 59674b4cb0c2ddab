-- @description: Planes with a year that is a number and one spelling per manufacturer.
-- @tags: demo
SELECT
    tailnum,
    try_cast(year AS INTEGER) AS year_built,
    CASE
        WHEN manufacturer LIKE 'AIRBUS%' THEN 'Airbus'
        WHEN manufacturer = 'BOEING' THEN 'Boeing'
        WHEN manufacturer LIKE 'BOMBARDIER%' OR manufacturer LIKE 'CANADAIR%' THEN 'Bombardier'
        WHEN manufacturer LIKE 'EMBRAER%' THEN 'Embraer'
        WHEN manufacturer LIKE 'MCDONNELL DOUGLAS%' THEN 'McDonnell Douglas'
        ELSE 'Other'
    END AS manufacturer,
    model,
    type AS plane_type,
    engine AS engine_type,
    engines,
    seats
FROM {{ ref('bronze.planes') }}
