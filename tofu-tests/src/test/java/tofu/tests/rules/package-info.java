/// The rules that a machine can check: the style of all sources, and what each layer may use.
@NullMarked
package tofu.tests.rules;

import org.jspecify.annotations.NullMarked;
