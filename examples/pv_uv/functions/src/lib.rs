//! The functions of the page view example.

mod approx_uv;

pub use approx_uv::ApproxUv;

use anabranch_udf::prelude::*;

anabranch_udf::package!(classify, ApproxUv);

/// What a shopper did, in words: `view`, `cart`, `favourite`, `purchase` or `other`.
#[scalar]
fn classify(behavior: &str) -> &'static str {
    match behavior {
        "pv" => "view",
        "cart" => "cart",
        "fav" => "favourite",
        "buy" => "purchase",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn classify() {
        let classes = ["pv", "cart", "fav", "buy", "", "PV"].map(super::classify);
        assert_eq!(classes, ["view", "cart", "favourite", "purchase", "other", "other"]);
    }
}
