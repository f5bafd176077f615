package tofu.tests.rigs;

/// A listener of a [Peer].
///
/// @param address how to connect to it
/// @param channel the listener's channel
/// @param id the id of its WelcomeRequest
public record Door(String address, int channel, long id) {}
