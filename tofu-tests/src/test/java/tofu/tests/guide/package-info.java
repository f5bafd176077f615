/// The guide of docs/guide: its snippets, as regions of tests that run, and tests of the pages
/// themselves: that their snippets are those regions, that their links lead somewhere, that
/// their tables have all that the code has, and that the map of the engine names what is there.
///
/// A region stands between `// @start region="name"` and `// @end`, as in the JDK's snippets. A
/// page names it in a comment before the block: `<!-- snippet: MessagesTest#fill -->`.
@org.jspecify.annotations.NullMarked
package tofu.tests.guide;
