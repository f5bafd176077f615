/// The same small program, an echo, with other libraries: docs/guide/from-others.md shows them side
/// by side.
@org.jspecify.annotations.NullMarked
package tofu.bench.echo;
