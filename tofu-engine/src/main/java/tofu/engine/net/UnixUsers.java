package tofu.engine.net;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.HashSet;
import java.util.Set;

/// Users and groups of this machine: two are the same if their numbers (uid, gid) are.
///
/// Immutable.
public final class UnixUsers {
    private final Set<UserPrincipal> users = new HashSet<>();
    private final Set<GroupPrincipal> groups = new HashSet<>();

    private UnixUsers() {}

    /// Looks up who they are, which may ask the network.
    ///
    /// @param users names, or numbers in decimal
    /// @param groups likewise
    /// @return all of them
    /// @throws IOException names one that the machine does not know, or if it knows no such thing
    public static UnixUsers of(Set<String> users, Set<String> groups) throws IOException {
        UnixUsers found = new UnixUsers();
        for (String user : users) {
            found.users.add(found("user", user, UserPrincipalLookupService::lookupPrincipalByName));
        }
        for (String group : groups) {
            found.groups.add(
                    found("group", group, UserPrincipalLookupService::lookupPrincipalByGroupName));
        }
        return found;
    }

    /// How to look up one kind.
    private interface Lookup<P> {
        P find(UserPrincipalLookupService service, String name) throws IOException;
    }

    private static <P> P found(String kind, String name, Lookup<P> lookup) throws IOException {
        try {
            return lookup.find(FileSystems.getDefault().getUserPrincipalLookupService(), name);
        } catch (UserPrincipalNotFoundException | UnsupportedOperationException e) {
            throw new IOException("this machine knows no " + kind + " '" + name + "'", e);
        }
    }

    /// Whether somebody is one of them, or of one of the groups.
    boolean has(UserPrincipal user, GroupPrincipal group) {
        return users.contains(user) || groups.contains(group);
    }
}
