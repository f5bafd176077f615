package tofu.tests.rigs;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Tests whose engines read and write a few bytes at a time; on a nested class.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Throttled {
    /// Of how many calls one may move as many bytes as there are; 0 for none.
    int oneInFree() default 0;
}
