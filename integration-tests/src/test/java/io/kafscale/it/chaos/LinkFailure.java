package io.kafscale.it.chaos;

import io.kafscale.testkit.net.Direction;
import io.kafscale.testkit.net.TcpProxy;

/** How a connection between a broker and a store fails. */
enum LinkFailure {
    /** Connections are reset, new ones too. */
    RESETS {
        @Override
        void begin(TcpProxy way) {
            way.cut();
        }

        @Override
        void end(TcpProxy way) {
            way.heal();
        }
    },
    /** Nothing arrives; what was sent arrives in the end, late. */
    SILENCE_AND_LATE_ARRIVAL {
        @Override
        void begin(TcpProxy way) {
            way.holdAll();
        }

        @Override
        void end(TcpProxy way) {
            way.heal();
        }
    },
    /** Nothing arrives, ever. */
    SILENCE_AND_LOSS {
        @Override
        void begin(TcpProxy way) {
            way.holdAll();
        }

        @Override
        void end(TcpProxy way) {
            way.reset();
            way.heal();
        }
    },
    /** Requests arrive and are carried out, their answers are lost. */
    LOST_ANSWERS {
        @Override
        void begin(TcpProxy way) {
            way.hold(Direction.TO_CLIENT);
        }

        @Override
        void end(TcpProxy way) {
            way.reset();
            way.heal();
        }
    };

    abstract void begin(TcpProxy way);

    abstract void end(TcpProxy way);
}
