//! The functions of the word count: a text into words, and their length.

use anabranch_udf::prelude::*;

anabranch_udf::package!(split, len);

/// Splits a text into its words, in lower case and without the punctuation around them.
#[table(columns(word))]
fn split(line: &str) -> impl Iterator<Item = String> {
    line.split_whitespace()
        .map(|word| word.trim_matches(|character: char| !character.is_alphanumeric()))
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

/// Length of a word in characters.
#[scalar]
fn len(word: &str) -> i32 {
    word.chars().count() as i32
}

#[cfg(test)]
mod tests {
    #[test]
    fn split() {
        let words: Vec<String> = super::split("  \"To be, or not to be\" -- that's the Question!").collect();
        assert_eq!(words, ["to", "be", "or", "not", "to", "be", "that's", "the", "question"]);
        assert_eq!(super::split(" -- ").count(), 0);
    }

    #[test]
    fn len() {
        assert_eq!(super::len("Zürich"), 6);
    }
}
