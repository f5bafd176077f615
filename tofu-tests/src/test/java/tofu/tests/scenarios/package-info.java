/// Scenarios: what two engines, or an engine and a raw socket, do to each other over real sockets,
/// as their users see it; and the recorded transcripts.
///
/// Each has a [tofu.tests.rigs.Stage], which opens engines and sockets for it and strikes them
/// afterwards: nothing may be left unread, unreturned, running or open.
@NullMarked
package tofu.tests.scenarios;

import org.jspecify.annotations.NullMarked;
