package io.kafscale.metastore.cluster;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An immutable hash map whose {@link #with} and {@link #without} share all but a path of nodes with the map they come from, so that
 * changing one of 10,000 entries costs three small arrays (a hash array mapped trie, 32 ways wide). The order of iteration means
 * nothing. Thread-safe.
 */
final class PersistentMap<K, V> extends AbstractMap<K, V> {
    private static final int BITS = 5;
    private static final int MASK = (1 << BITS) - 1;
    private static final PersistentMap<?, ?> EMPTY = new PersistentMap<>(new Branch<>(0, Branch.none()), 0);

    /** A branch, or the entries of one hash. */
    private sealed interface Node<K, V> {}

    /** Entries that share a hash, nearly always one. */
    @SuppressWarnings("ArrayRecordComponent") // nodes are never compared and never leave the map
    private record Leaf<K, V>(int hash, Entry<K, V>[] entries) implements Node<K, V> {
        int indexOf(Object key) {
            for (int i = 0; i < entries.length; i++) {
                if (entries[i].getKey().equals(key)) {
                    return i;
                }
            }
            return -1;
        }
    }

    /** Up to 32 children, one for each bit that is set. */
    @SuppressWarnings("ArrayRecordComponent") // nodes are never compared and never leave the map
    private record Branch<K, V>(int bitmap, Node<K, V>[] children) implements Node<K, V> {
        @SuppressWarnings({"unchecked", "rawtypes"}) // an empty array holds no element of the wrong type
        static <K, V> Node<K, V>[] none() {
            return new Node[0];
        }

        int indexOf(int bit) {
            return Integer.bitCount(bitmap & (bit - 1));
        }

        @Nullable
        Node<K, V> child(int bit) {
            return (bitmap & bit) == 0 ? null : children[indexOf(bit)];
        }

        Branch<K, V> with(int bit, Node<K, V> child) {
            int index = indexOf(bit);
            if ((bitmap & bit) != 0) {
                Node<K, V>[] copy = children.clone();
                copy[index] = child;
                return new Branch<>(bitmap, copy);
            }
            Node<K, V>[] copy = Arrays.copyOf(children, children.length + 1);
            System.arraycopy(children, index, copy, index + 1, children.length - index);
            copy[index] = child;
            return new Branch<>(bitmap | bit, copy);
        }

        Branch<K, V> without(int bit) {
            int index = indexOf(bit);
            Node<K, V>[] copy = Arrays.copyOf(children, children.length - 1);
            System.arraycopy(children, index + 1, copy, index, copy.length - index);
            return new Branch<>(bitmap & ~bit, copy);
        }
    }

    private final Branch<K, V> root;
    private final int size;

    private PersistentMap(Branch<K, V> root, int size) {
        this.root = root;
        this.size = size;
    }

    @SuppressWarnings("unchecked") // the empty map holds no key and no value of any type
    static <K, V> PersistentMap<K, V> empty() {
        return (PersistentMap<K, V>) EMPTY;
    }

    PersistentMap<K, V> with(K key, V value) {
        boolean known = containsKey(key);
        return new PersistentMap<>(
                put(root, 0, hash(key), new SimpleImmutableEntry<>(key, value)), known ? size : size + 1);
    }

    PersistentMap<K, V> without(K key) {
        if (!containsKey(key)) {
            return this;
        }
        return size == 1 ? empty() : new PersistentMap<>(remove(root, 0, hash(key), key), size - 1);
    }

    @Override
    public @Nullable V get(@Nullable Object key) {
        Entry<K, V> entry = find(key);
        return entry == null ? null : entry.getValue();
    }

    @Override
    public boolean containsKey(@Nullable Object key) {
        return find(key) != null;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public Set<Entry<K, V>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public Iterator<Entry<K, V>> iterator() {
                return new Entries<>(root);
            }

            @Override
            public int size() {
                return size;
            }
        };
    }

    private @Nullable Entry<K, V> find(@Nullable Object key) {
        if (key == null) {
            return null;
        }
        int hash = hash(key);
        Node<K, V> node = root;
        for (int shift = 0; node instanceof Branch<K, V> branch; shift += BITS) {
            node = branch.child(bit(hash, shift));
        }
        if (!(node instanceof Leaf<K, V> leaf) || leaf.hash() != hash) {
            return null;
        }
        int index = leaf.indexOf(key);
        return index < 0 ? null : leaf.entries()[index];
    }

    private static <K, V> Branch<K, V> put(Branch<K, V> branch, int shift, int hash, Entry<K, V> entry) {
        int bit = bit(hash, shift);
        Node<K, V> child = branch.child(bit);
        Node<K, V> next = switch (child) {
            case null -> new Leaf<>(hash, single(entry));
            case Branch<K, V> deeper -> put(deeper, shift + BITS, hash, entry);
            case Leaf<K, V> leaf when leaf.hash() == hash -> join(leaf, entry);
            case Leaf<K, V> leaf -> {
                var between = new Branch<K, V>(0, Branch.none()).with(bit(leaf.hash(), shift + BITS), leaf);
                yield put(between, shift + BITS, hash, entry);
            }
        };
        return branch.with(bit, next);
    }

    private static <K, V> Leaf<K, V> join(Leaf<K, V> leaf, Entry<K, V> entry) {
        int index = leaf.indexOf(entry.getKey());
        Entry<K, V>[] copy =
                index >= 0 ? leaf.entries().clone() : Arrays.copyOf(leaf.entries(), leaf.entries().length + 1);
        copy[index >= 0 ? index : copy.length - 1] = entry;
        return new Leaf<>(leaf.hash(), copy);
    }

    private static <K, V> Branch<K, V> remove(Branch<K, V> branch, int shift, int hash, K key) {
        int bit = bit(hash, shift);
        return switch (branch.child(bit)) {
            case null -> branch;
            case Branch<K, V> deeper -> {
                Branch<K, V> left = remove(deeper, shift + BITS, hash, key);
                boolean collapses = left.children().length == 1 && left.children()[0] instanceof Leaf<K, V>;
                yield branch.with(bit, collapses ? left.children()[0] : left);
            }
            case Leaf<K, V> leaf when leaf.entries().length == 1 -> branch.without(bit);
            case Leaf<K, V> leaf -> {
                int index = leaf.indexOf(key);
                Entry<K, V>[] copy = Arrays.copyOf(leaf.entries(), leaf.entries().length - 1);
                System.arraycopy(leaf.entries(), index + 1, copy, index, copy.length - index);
                yield branch.with(bit, new Leaf<>(hash, copy));
            }
        };
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // generic array of one element of the right type
    private static <K, V> Entry<K, V>[] single(Entry<K, V> entry) {
        return new Entry[] {entry};
    }

    private static int hash(Object key) {
        int hash = key.hashCode();
        return hash ^ (hash >>> 16);
    }

    /** Beyond the last level all bits are used up: by then hashes are equal and share a leaf. */
    private static int bit(int hash, int shift) {
        return 1 << ((hash >>> shift) & MASK);
    }

    /** Walks the tree depth first. */
    private static final class Entries<K, V> implements Iterator<Map.Entry<K, V>> {
        private final Deque<Iterator<Node<K, V>>> path = new ArrayDeque<>();
        private Iterator<Map.Entry<K, V>> leaf =
                Arrays.<Map.Entry<K, V>>asList().iterator();

        Entries(Branch<K, V> root) {
            path.push(Arrays.asList(root.children()).iterator());
        }

        @Override
        public boolean hasNext() {
            while (!leaf.hasNext() && !path.isEmpty()) {
                if (!path.peek().hasNext()) {
                    path.pop();
                    continue;
                }
                switch (path.peek().next()) {
                    case Branch<K, V> branch ->
                        path.push(Arrays.asList(branch.children()).iterator());
                    case Leaf<K, V> entries ->
                        leaf = Arrays.asList(entries.entries()).iterator();
                }
            }
            return leaf.hasNext();
        }

        @Override
        public Map.Entry<K, V> next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            return leaf.next();
        }
    }
}
