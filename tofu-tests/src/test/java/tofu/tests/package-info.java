/// What crosses modules: scenarios over real sockets, the recorded transcripts, and the rules
/// that all sources keep.
///
/// Each scenario has a [tofu.tests.Stage], which opens engines and sockets for it and strikes them
/// afterwards: nothing may be left unread, unreturned, running or open.
@org.jspecify.annotations.NullMarked
package tofu.tests;
