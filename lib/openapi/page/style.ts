// The style of the documentation page beyond that of Swagger UI.

/**
 * Hides what has no meaning here: the choice of servers, client credentials beside name and password, and below each refusal
 * the same example of a problem.
 */
export const PAGE_STYLE = `
.swagger-ui .schemes-server-container { visibility: hidden; }
.swagger-ui .auth-container .scope-def,
.swagger-ui .auth-container .wrapper:has(
  > label:is([for="password_type"], [for="client_id_password"], [for="client_secret_password"])
),
.swagger-ui .responses-table:not(.live-responses-table) .response:is([data-code^="4"], [data-code^="5"], [data-code="default"])
  :is(.response-controls, .model-example, .headers-wrapper) {
  display: none;
}
`
