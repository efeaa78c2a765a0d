use super::*;

#[derive(Debug, PartialEq)]
struct Sample {
    name: Option<String>,
    on: bool,
    count: Option<i64>,
    list: Option<Vec<String>>,
    any: Option<String>,
    inner: Option<String>,
}

impl Body for Sample {
    fn read(members: &Members) -> Result<Self, DecodeError> {
        if let Some(inner) = members.object("inner")? {
            inner.only(&["name"])?;
        }
        members.time("at")?;
        members.map("map")?;
        Ok(Self {
            name: members.text("name")?,
            on: members.flag("on")?,
            count: members.integer("count")?,
            list: members.texts("list")?,
            any: members.any("any").map(|raw| raw.as_str().to_owned()),
            inner: match members.object("inner")? {
                Some(inner) => inner.text("name")?,
                None => None,
            },
        })
    }
}

fn name(body: &[u8]) -> Result<String, DecodeError> {
    decode_first::<Sample>(body).map(|s| s.name.unwrap_or_default())
}

#[test]
fn bodies_are_read_leniently() {
    for (body, expected) in [
        (&b"null"[..], ""),
        (b"{}", ""),
        (br#"{"NAME":"loud"}"#, "loud"),
        (br#"{"name":"first","Name":"last"}"#, "last"),
        (br#"{"name":"kept","name":null}"#, "kept"),
        (br#"{"name":"front"} {"name":"rear"} trailing"#, "front"),
        (b" \r\n\t{ \"name\" : \"roomy\" }\n\n", "roomy"),
        (br#"{"name":"\u00e9\ud83d\ude00\n\"\\\/"}"#, "é😀\n\"\\/"),
        (br#"{"name":"x\ud800y"}"#, "x\u{fffd}y"),
        (
            br#"{"name":"\udc00\ud800\u0041\ud800"}"#,
            "\u{fffd}\u{fffd}A\u{fffd}",
        ),
        (br#"{"name":"\\ud800"}"#, "\\ud800"),
        (b"{\"name\":\"x\xff\xfey\"}", "x\u{fffd}\u{fffd}y"),
        (b"{\"name\":\"\xe2\x82\"}", "\u{fffd}\u{fffd}"),
        (br#"{"unknown":[{}],"name":"n"}"#, "n"),
    ] {
        assert_eq!(
            name(body).as_deref(),
            Ok(expected),
            "{}",
            body.escape_ascii()
        );
    }
}

#[test]
fn what_is_no_json_object_is_refused() {
    for body in [
        "{\"name\":",
        "name=x",
        "{'name':1}",
        "{\"name\":\"a\nb\"}",
        "{\"name\":1,}",
        "{/**/}",
        "\u{feff}{}",
        "{\"name\":\"\\x\"}",
        "{\"name\":01}",
        "{\"any\":[1,]}",
        "{\"any\":\"a\tb\"}",
        "]",
    ] {
        let got = name(body.as_bytes());
        assert!(matches!(got, Err(DecodeError::Syntax(_))), "{body} {got:?}");
    }
    for body in ["[]", "\"x\"", "7", "true"] {
        assert_eq!(
            name(body.as_bytes()),
            Err(DecodeError::NotAnObject),
            "{body}"
        );
    }
    for body in ["", "  \n"] {
        assert_eq!(name(body.as_bytes()), Err(DecodeError::Empty), "{body:?}");
    }
}

#[test]
fn nesting_is_bounded_outside_of_texts() {
    let nested = |depth: usize| format!("{{\"any\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    assert!(name(nested(100).as_bytes()).is_ok());
    assert_eq!(name(nested(20_000).as_bytes()), Err(DecodeError::TooDeep));
    let text = format!("{{\"any\":\"\\\"{}\"}}", "[".repeat(20_000));
    assert!(name(text.as_bytes()).is_ok());
}

#[test]
fn members_of_the_wrong_type_are_named() {
    for (body, text) in [
        (r#"{"name":1}"#, r#"the member "name" must be a text"#),
        (r#"{"name":{}}"#, r#"the member "name" must be a text"#),
        (
            r#"{"on":"true"}"#,
            r#"the member "on" must be true or false"#,
        ),
        (r#"{"on":1}"#, r#"the member "on" must be true or false"#),
        (
            r#"{"count":"0"}"#,
            r#"the member "count" must be an integer of 64 bits"#,
        ),
        (
            r#"{"count":1.5}"#,
            r#"the member "count" must be an integer of 64 bits"#,
        ),
        (
            r#"{"count":1e2}"#,
            r#"the member "count" must be an integer of 64 bits"#,
        ),
        (
            r#"{"count":9223372036854775808}"#,
            r#"the member "count" must be an integer of 64 bits"#,
        ),
        (
            r#"{"list":"x"}"#,
            r#"the member "list" must be a list of texts"#,
        ),
        (
            r#"{"list":[1]}"#,
            r#"the member "list" must be a list of texts"#,
        ),
        (
            r#"{"at":"yesterday"}"#,
            r#"the member "at" must be a time such as 2006-01-02T15:04:05Z"#,
        ),
        (r#"{"map":[]}"#, r#"the member "map" must be an object"#),
        (r#"{"inner":[]}"#, r#"the member "inner" must be an object"#),
        (
            r#"{"inner":{"name":1}}"#,
            r#"the member "inner.name" must be a text"#,
        ),
        (r#"{"inner":{"more":1}}"#, r#"json: unknown field "more""#),
    ] {
        let got = decode_first::<Sample>(body.as_bytes()).map_err(|e| e.to_string());
        assert_eq!(got, Err(text.to_owned()), "{body}");
    }
}

#[test]
fn absent_null_and_empty_are_told_apart() {
    let read = |body: &str| decode_first::<Sample>(body.as_bytes()).unwrap();
    let texts = |list: &[&str]| Some(list.iter().map(|&t| t.to_owned()).collect::<Vec<_>>());
    assert_eq!(read("{}").list, None);
    assert_eq!(read(r#"{"list":null}"#).list, None);
    assert_eq!(read(r#"{"list":[]}"#).list, texts(&[]));
    assert_eq!(read(r#"{"list":["a",null]}"#).list, texts(&["a", ""]));
    assert_eq!(read(r#"{"list":["a"],"list":null}"#).list, None);
    assert_eq!(read("{}").any, None);
    assert_eq!(read(r#"{"any":null}"#).any.as_deref(), Some("null"));
    assert_eq!(
        read(r#"{"any": { "b" : 1.10 } }"#).any.as_deref(),
        Some("{ \"b\" : 1.10 }")
    );
    assert_eq!(
        read(r#"{"count":-9223372036854775808,"on":null}"#).count,
        Some(i64::MIN)
    );
    assert_eq!(
        read(r#"{"inner":{"NAME":"i"}}"#).inner.as_deref(),
        Some("i")
    );
}
