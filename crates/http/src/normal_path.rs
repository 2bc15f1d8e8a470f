//! Middleware that spells paths as routes do.

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Uri;
use actix_web::middleware::Next;

/// Middleware that decodes the letters, digits and `-._~` of a path, which mean the same when they
/// are percent-encoded (RFC 3986, section 6.2.2.2).
///
/// It goes around everything that looks at the path: actix-web finds routes by the decoded path, and
/// shows the other.
pub(crate) async fn normal_path<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    if let Some(uri) = normalized(request.uri()) {
        request.match_info_mut().get_mut().update(&uri);
        request.head_mut().uri = uri;
    }
    next.call(request).await
}

/// The address with a normalized path, if that is another one.
fn normalized(uri: &Uri) -> Option<Uri> {
    let path = normalized_path(uri.path())?;
    let mut parts = uri.clone().into_parts();
    let target = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    parts.path_and_query = Some(target.parse().ok()?);
    Uri::from_parts(parts).ok()
}

fn normalized_path(path: &str) -> Option<String> {
    let (first, encoded) = path.split_once('%')?;
    let mut normal = first.to_owned();
    let mut is_changed = false;
    for part in encoded.split('%') {
        let (decoded, rest) = part.split_at_checked(2).unwrap_or_default();
        if let Some(decoded) = unreserved(decoded) {
            normal.push(decoded);
            normal.push_str(rest);
            is_changed = true;
        } else {
            normal.push('%');
            normal.push_str(part);
        }
    }
    is_changed.then_some(normal)
}

/// The character behind two hexadecimal digits, if it need not be encoded (RFC 3986, section 2.3).
fn unreserved(digits: &str) -> Option<char> {
    let code = u8::from_str_radix(digits, 16).ok().map(char::from)?;
    let is_unreserved = code.is_ascii_alphanumeric() || matches!(code, '-' | '.' | '_' | '~');
    (is_unreserved && digits.bytes().all(|digit| digit.is_ascii_hexdigit())).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_need_not_be_encoded_is_decoded_once() {
        for (path, normal) in [
            ("/tickets", None),
            ("/%74ickets", Some("/tickets")),
            ("/logou%74", Some("/logout")),
            ("/%2D%2e%5F%7e", Some("/-._~")),
            ("/%2574", None),
            ("/a%2Fb%20c", None),
            ("/a%2F%62", Some("/a%2Fb")),
            ("/%c3%a4%41", Some("/%c3%a4A")),
            ("/%", None),
            ("/%7", None),
            ("/%+4", None),
            ("/%zz%41", Some("/%zzA")),
        ] {
            assert_eq!(normalized_path(path).as_deref(), normal, "{path}");
        }
    }

    #[test]
    fn host_and_query_stay() {
        let uri = "http://a.example/%61?q=%62".parse().unwrap();
        let normal = normalized(&uri).unwrap();
        assert_eq!(normal.to_string(), "http://a.example/a?q=%62");
        assert!(normalized(&"/a?q=%62".parse().unwrap()).is_none());
    }
}
