/// First steps: what the engine, its pool and its channels do, one thing at a time.
///
/// [Connect][tofu.recipes.first.Connect] is the one to read first; `docs/cookbook.md` lists all.
@NullMarked
package tofu.recipes.first;

import org.jspecify.annotations.NullMarked;
