use serde_json::json;

use super::*;

fn document() -> Value {
    json!({"owner": "team", "list": ["a", "b"], "metadata": {"level": 1, "tags": ["x"]}, "n": null})
}

fn patched(patch: &Value) -> Result<Value, PatchFault> {
    Patch::parse(patch.to_string().as_bytes())?.apply(document())
}

#[track_caller]
fn check(op: &str, path: &str, value: &Value, at: &str, expected: &Value) {
    let got = patched(&json!([{"op": op, "path": path, "value": value}])).unwrap();
    assert_eq!(got.pointer(at), Some(expected), "{op} {path}");
}

#[test]
fn members_and_items_are_added_replaced_and_removed() {
    check("replace", "/owner", &json!("x"), "/owner", &json!("x"));
    check("add", "/owner", &json!("x"), "/owner", &json!("x"));
    check("replace", "/new", &json!("x"), "/new", &json!("x"));
    check(
        "add",
        "/list/-",
        &json!("c"),
        "/list",
        &json!(["a", "b", "c"]),
    );
    check(
        "add",
        "/list/2",
        &json!("c"),
        "/list",
        &json!(["a", "b", "c"]),
    );
    check(
        "add",
        "/list/0",
        &json!("c"),
        "/list",
        &json!(["c", "a", "b"]),
    );
    check(
        "add",
        "/list/-1",
        &json!("c"),
        "/list",
        &json!(["a", "b", "c"]),
    );
    check(
        "replace",
        "/list/1",
        &json!("c"),
        "/list",
        &json!(["a", "c"]),
    );
    check(
        "replace",
        "/list/-1",
        &json!("c"),
        "/list",
        &json!(["a", "c"]),
    );
    check("remove", "/list/0", &json!(null), "/list", &json!(["b"]));
    check(
        "add",
        "/metadata/tags/-",
        &json!("y"),
        "/metadata/tags",
        &json!(["x", "y"]),
    );
    check(
        "add",
        "/metadata/a~1b",
        &json!(1),
        "/metadata",
        &json!({"level": 1, "tags": ["x"], "a/b": 1}),
    );
    check(
        "add",
        "/metadata/c~01",
        &json!(1),
        "/metadata/c~01",
        &json!(1),
    );
    check("add", "/metadata/", &json!(3), "/metadata/", &json!(3));
    check(
        "remove",
        "/metadata/level",
        &json!(null),
        "/metadata",
        &json!({"tags": ["x"]}),
    );
    check("replace", "/owner", &json!(null), "/owner", &json!(null));
}

#[test]
fn operations_apply_in_order_and_none_is_no_change() {
    let ordered = json!([
        {"op": "replace", "path": "/metadata", "value": ["list"]},
        {"op": "add", "path": "/metadata/0", "value": "first"},
    ]);
    let got = patched(&ordered).unwrap();
    assert_eq!(got["metadata"], json!(["first", "list"]));
    assert_eq!(patched(&json!([])), Ok(document()));
    assert_eq!(patched(&json!(null)), Ok(document()));
}

#[test]
fn patches_that_cannot_be_applied_say_why() {
    for (op, path, text) in [
        (
            "test",
            "/owner",
            "The patch operation 'test' is not supported",
        ),
        (
            "move",
            "/owner",
            "The patch operation 'move' is not supported",
        ),
        (
            "REPLACE",
            "/owner",
            "The patch operation 'REPLACE' is not supported",
        ),
        ("", "/owner", "The patch operation '' is not supported"),
        (
            "replace",
            "/id",
            "The patch operation 'replace' must not change '/id'.",
        ),
        (
            "remove",
            "/id",
            "The patch operation 'remove' must not change '/id'.",
        ),
        (
            "replace",
            "owner",
            "cannot be applied to 'owner': a path begins with a slash.",
        ),
        (
            "replace",
            "",
            "cannot be applied to '': a path begins with a slash.",
        ),
        (
            "remove",
            "/none",
            "cannot be applied to '/none': there is no such member.",
        ),
        ("remove", "/metadata/none", "there is no such member."),
        ("add", "/none/-", "a part of the path does not exist."),
        (
            "add",
            "/owner/x",
            "it is neither in an object nor in a list.",
        ),
        ("add", "/n/x", "it is neither in an object nor in a list."),
        ("add", "/list/9", "there is no such index."),
        ("add", "/list/x", "there is no such index."),
        ("add", "/list/-4", "there is no such index."),
        ("replace", "/list/2", "there is no such index."),
        ("remove", "/list/-", "there is no such index."),
        ("remove", "/list/2", "there is no such index."),
    ] {
        let fault = patched(&json!([{"op": op, "path": path, "value": 1}])).unwrap_err();
        assert!(fault.to_string().contains(text), "{fault}");
    }
}

#[test]
fn the_id_of_a_client_stays() {
    let document = || json!({"client_id": "c", "owner": "o"});
    for (op, value, good) in [
        ("replace", "c", true),
        ("add", "c", true),
        ("replace", "other", false),
        ("remove", "", false),
    ] {
        let body = json!([{"op": op, "path": "/client_id", "value": value}]).to_string();
        let got = Patch::parse(body.as_bytes()).unwrap().apply(document());
        let denied = PatchFault::Denied {
            op: Patch::parse(body.as_bytes()).unwrap().0[0].kind.name(),
            path: "/client_id".into(),
        };
        assert_eq!(
            got,
            if good { Ok(document()) } else { Err(denied) },
            "{op} {value}"
        );
    }
}

#[test]
fn bodies_that_are_no_patch_are_refused() {
    for body in [
        "",
        "[{",
        r#"{"op":"add","path":"/owner","value":"x"}"#,
        r#""x""#,
        r#"["x"]"#,
        "[][]",
        r#"[{"op":"add","path":"/owner"}]"#,
        r#"[{"op":"add","value":1}]"#,
        r#"[{"path":"/owner","value":1}]"#,
    ] {
        assert!(Patch::parse(body.as_bytes()).is_err(), "{body}");
    }
    let many = json!(vec![
        json!({"op": "remove", "path": "/owner"});
        MOST_OPERATIONS + 1
    ]);
    assert!(Patch::parse(many.to_string().as_bytes()).is_err());
}

#[test]
fn patches_know_what_they_touch() {
    for (path, touches) in [
        ("/metadata", true),
        ("/metadata/a/b", true),
        ("/metadata~0", false),
        ("/client_secret", false),
        ("/x/metadata", false),
    ] {
        let body = json!([{"op": "remove", "path": path}]).to_string();
        let patch = Patch::parse(body.as_bytes()).unwrap();
        assert_eq!(patch.touches("metadata"), touches, "{path}");
    }
}
