/// Ways to work together, built from plain messages: request and response, streams, publish and
/// subscribe, work queues and more.
@NullMarked
package tofu.recipes.patterns;

import org.jspecify.annotations.NullMarked;
