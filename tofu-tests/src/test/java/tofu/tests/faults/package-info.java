/// Faults: peers and processes that are killed, break their connections, flood or fall silent, and
/// engines in processes that have too little of something; with the programs that these are.
///
/// Most have a long form, whose figures are in docs/reliability.md.
@NullMarked
package tofu.tests.faults;

import org.jspecify.annotations.NullMarked;
