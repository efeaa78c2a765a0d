use crate::admin::no_content;
use crate::extract::Request;
use crate::respond::Response;
use crate::state::State;

/// `DELETE /admin/oauth2/tokens`: ends the access tokens of a client; only the query is read.
pub(crate) async fn delete(state: &State, request: &Request) -> Response {
    let query = request.query_params();
    no_content(state.provider.delete_tokens(query.text("client_id")).await)
}
