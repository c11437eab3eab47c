// Made by `npm run api-types`.
export interface paths {
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the server answers */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {string} */
                            status: "healthy";
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the server answers */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {string} */
                            status: "healthy";
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether the server takes work
         * @description Not while it starts or stops, nor while the database takes no writes or logs cannot be written. A machine that is drained is ready. Anybody is told whether; with a credential that is not for some bots only, also what of it is not well.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {unknown} */
                            status: "healthy" | "unhealthy";
                            /** @description For those who are signed in, as is what follows. */
                            checks?: {
                                /**
                                 * @description It has started, and does not stop.
                                 * @enum {unknown}
                                 */
                                server: "healthy" | "unhealthy";
                                /**
                                 * @description It takes writes.
                                 * @enum {unknown}
                                 */
                                database: "healthy" | "unhealthy";
                                /**
                                 * @description They can be written.
                                 * @enum {unknown}
                                 */
                                logs: "healthy" | "unhealthy";
                            };
                            version?: string;
                            /** @description The version of Node it runs on. */
                            node?: string;
                            uptimeMs?: number;
                        };
                    };
                };
                /** @description Default Response */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {unknown} */
                            status: "healthy" | "unhealthy";
                            /** @description For those who are signed in, as is what follows. */
                            checks?: {
                                /**
                                 * @description It has started, and does not stop.
                                 * @enum {unknown}
                                 */
                                server: "healthy" | "unhealthy";
                                /**
                                 * @description It takes writes.
                                 * @enum {unknown}
                                 */
                                database: "healthy" | "unhealthy";
                                /**
                                 * @description They can be written.
                                 * @enum {unknown}
                                 */
                                logs: "healthy" | "unhealthy";
                            };
                            version?: string;
                            /** @description The version of Node it runs on. */
                            node?: string;
                            uptimeMs?: number;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/db": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the database takes writes */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {unknown} */
                            status: "healthy" | "unhealthy";
                        };
                    };
                };
                /** @description Default Response */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {unknown} */
                            status: "healthy" | "unhealthy";
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Numbers for Prometheus
         * @description In its text format. Give Prometheus a token of role viewer that is not for some bots only. Counts begin with the server.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Metrics. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/plain": string;
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/storage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether the bucket for artifacts can be used
         * @description Found out by writing a small object, reading it back and removing it.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {unknown} */
                            status: "not_configured" | "accessible" | "inaccessible";
                        };
                    };
                };
                /** @description Default Response */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {unknown} */
                            status: "not_configured" | "accessible" | "inaccessible";
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/setup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make the first administrator */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description Printed at the first start, and kept in DATA_DIR/setup-token until used. */
                        setupToken: string;
                        /** Format: email */
                        email: string;
                        password: string;
                        /**
                         * @description Make the bundled bots as well.
                         * @default false
                         */
                        bundledBots?: boolean;
                        /**
                         * @description `body` for clients that keep no cookies: the refresh token comes in the answer, and no cookie is set.
                         * @default cookie
                         * @enum {unknown}
                         */
                        delivery?: "cookie" | "body";
                    };
                };
            };
            responses: {
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @description For `Authorization: Bearer`. */
                            accessToken: string;
                            /** @description Seconds. */
                            expiresIn: number;
                            /** @description Only with `delivery: body`. Good for one use. */
                            refreshToken?: string;
                            user: components["schemas"]["User"];
                        };
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        email: string;
                        password: string;
                        /** @description Of the authenticator app, or a recovery code; for accounts with a second factor. */
                        code?: string;
                        /**
                         * @description `body` for clients that keep no cookies: the refresh token comes in the answer, and no cookie is set.
                         * @default cookie
                         * @enum {unknown}
                         */
                        delivery?: "cookie" | "body";
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @description For `Authorization: Bearer`. */
                            accessToken: string;
                            /** @description Seconds. */
                            expiresIn: number;
                            /** @description Only with `delivery: body`. Good for one use. */
                            refreshToken?: string;
                            user: components["schemas"]["User"];
                        };
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Get a new access token
         * @description Each refresh token is good for one use and brings the next. One that comes back later ends the session.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description Default: the cookie. */
                        refreshToken?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @description For `Authorization: Bearer`. */
                            accessToken: string;
                            /** @description Seconds. */
                            expiresIn: number;
                            /** @description Only with `delivery: body`. Good for one use. */
                            refreshToken?: string;
                            user: components["schemas"]["User"];
                        };
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign out
         * @description Ends the session of the access token, or of the refresh token where only that is left, with its streams.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description Default: the cookie. */
                        refreshToken?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is signed in */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["User"];
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/link": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Whom a link is for
         * @description A link by which somebody chooses a password, for the page that takes it.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        token: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** Format: email */
                            email: string;
                            hasPassword: boolean;
                            /** @description Milliseconds since 1970, UTC. */
                            expiresAt: number;
                        };
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/link/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Choose a password by a link
         * @description Uses the link up, ends all sessions of the account, and revokes its tokens. Sign in with the password then.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        token: string;
                        password: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Change your password
         * @description Ends all your other sessions.
         */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        currentPassword: string;
                        newPassword: string;
                        /**
                         * @description Revoke your tokens for programs as well.
                         * @default false
                         */
                        revokeTokens?: boolean;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Your sessions
         * @description Those that go on, newest first.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: components["schemas"]["Session"][];
                        };
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        /** End all your other sessions */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End a session of yours */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/second-factor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begin to add a second factor
         * @description Makes a key for an authenticator app. It counts once a code of it was confirmed.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        password: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @description In base 32, to type in. */
                            key: string;
                            /** @description otpauth://…, as authenticator apps read it from a QR code. */
                            uri: string;
                        };
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/second-factor/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Confirm the second factor
         * @description With a code of the app. From then on a sign-in takes one.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        code: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @description Each is good for one sign-in. Shown this once. */
                            recoveryCodes: string[];
                        };
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/second-factor/remove": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Remove the second factor */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        password: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/means": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How people can sign in */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            password: boolean;
                            /** @description With whom people can sign in instead; null: with nobody. */
                            provider: {
                                /** @description For “Continue with …”. */
                                name: string;
                            } | null;
                        };
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/oidc/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Sign in with the provider
         * @description For browsers: leads to the provider, or back to the sign-in page with `?problem=`.
         */
        get: {
            parameters: {
                query?: {
                    /** @description The page to go to then, such as `/executions`. Default: `/`. */
                    next?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Go there. */
                302: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/oidc/callback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Come back from the provider
         * @description Where the provider sends browsers. Leads to the page that was asked for, or to the sign-in page.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Go there. */
                302: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/oidc/connect": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Connect the provider to your account
         * @description So that you can sign in with it. For browsers: go to the address in the answer.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        password: string;
                        /** @description The page to go to then, such as `/executions`. Default: `/`. */
                        next?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @description Of the provider, to go to in this browser, within ten minutes. */
                            url: string;
                        };
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users/{id}/identities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Disconnect an account from the provider
         * @description Nobody signs in to it through the provider any more. Sessions go on.
         */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tokens for programs
         * @description Your own, newest first; for administrators everybody’s.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: components["schemas"]["Token"][];
                        };
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /**
         * Make a token for a program
         * @description It may do what its role says, and never more than you. Its value is shown this once. It takes your password, as a token outlives the session it is made in.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description What it is for. */
                        name: string;
                        /** @enum {unknown} */
                        role: "viewer" | "operator" | "admin";
                        /** @description Ids or slugs of the bots it is for: it knows of no others. Default null: all. */
                        bots?: string[] | null;
                        /** @description In milliseconds since 1970. Default null: never. */
                        expiresAt?: number | null;
                        /** @description Your own. An account without one makes tokens in the ten minutes after a sign-in. */
                        password?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            token: components["schemas"]["Token"];
                            /** @description The token itself, for `Authorization: Bearer`. Shown this once. */
                            value: string;
                        };
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tokens/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke a token
         * @description It is good for nothing from then on, and its streams end.
         */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All people */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: components["schemas"]["Person"][];
                        };
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /**
         * Invite somebody
         * @description Makes an account and a link by which its owner chooses the password: hand it over. Good for a week.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** Format: email */
                        email: string;
                        /** @enum {unknown} */
                        role: "viewer" | "operator" | "admin";
                    };
                };
            };
            responses: {
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            user: components["schemas"]["User"];
                            link: {
                                /** @description Shown this once. Good for one use. */
                                token: string;
                                /** @description Of the page that takes it, with the token behind the #: to be handed over. */
                                url: string;
                                /** @description Milliseconds since 1970, UTC. */
                                expiresAt: number;
                            };
                        };
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Delete an account
         * @description With its sessions and tokens. What its owner did stays in the history and the audit log.
         */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        /**
         * Change somebody’s address or role, or disable the account
         * @description It counts at once: streams end, and with a disabled account its sessions.
         */
        patch: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** Format: email */
                        email?: string;
                        /** @enum {unknown} */
                        role?: "viewer" | "operator" | "admin";
                        /** @description Whoever is disabled is out at once, with his tokens. */
                        disabled?: boolean;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["User"];
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        trace?: never;
    };
    "/admin/users/{id}/link": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a link to choose a new password
         * @description In place of one from before. The old password holds until the link is used; then all sessions of the account end, and its tokens are revoked.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @description Shown this once. Good for one use. */
                            token: string;
                            /** @description Of the page that takes it, with the token behind the #: to be handed over. */
                            url: string;
                            /** @description Milliseconds since 1970, UTC. */
                            expiresAt: number;
                        };
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users/{id}/second-factor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Remove somebody’s second factor
         * @description For who has lost the device and the recovery codes.
         */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users/{id}/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Somebody’s sessions
         * @description Those that go on, newest first.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: components["schemas"]["Session"][];
                        };
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        /** End all of somebody’s sessions */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users/{id}/sessions/{session}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End one of somebody’s sessions */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                    session: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who did what
         * @description Newest first. It is only ever added to. Who started an execution stands with the execution.
         */
        get: {
            parameters: {
                query: {
                    /** @description Id of a user or a token. */
                    actor?: string;
                    action?: "artifact.shared" | "automation.disabled" | "automation.enabled" | "bot.created" | "bot.changed" | "bot.deleted" | "bot.tried" | "delivery.replayed" | "channel.created" | "channel.changed" | "channel.deleted" | "execution.cancelled" | "execution.typed" | "machine.drained" | "machine.resumed" | "machine.restored" | "backup.made" | "backup.downloaded" | "notification_rule.created" | "notification_rule.changed" | "notification_rule.deleted" | "secret.created" | "secret.changed" | "secret.deleted" | "session.began" | "session.refused" | "session.ended" | "session.stolen" | "token.created" | "token.revoked" | "trigger.created" | "trigger.changed" | "trigger.deleted" | "user.created" | "user.invited" | "user.changed" | "user.deleted" | "user.password_set" | "user.password_reset" | "user.totp_enabled" | "user.totp_disabled" | "user.identity_linked" | "user.identity_unlinked";
                    /** @description Id of what something was done to; of a secret its name. */
                    subject?: string;
                    /** @description From then on, in ms since 1970. */
                    since?: number;
                    /** @description Before then, in ms since 1970. */
                    until?: number;
                    limit: number;
                    /** @description `nextCursor` of the page before. */
                    cursor?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: components["schemas"]["AuditEntry"][];
                            nextCursor: string | null;
                        };
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/audit/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The audit log as a table
         * @description CSV (RFC 4180), newest first; cells that a spreadsheet would take for formulas begin with a quote.
         */
        get: {
            parameters: {
                query?: {
                    /** @description Id of a user or a token. */
                    actor?: string;
                    action?: "artifact.shared" | "automation.disabled" | "automation.enabled" | "bot.created" | "bot.changed" | "bot.deleted" | "bot.tried" | "delivery.replayed" | "channel.created" | "channel.changed" | "channel.deleted" | "execution.cancelled" | "execution.typed" | "machine.drained" | "machine.resumed" | "machine.restored" | "backup.made" | "backup.downloaded" | "notification_rule.created" | "notification_rule.changed" | "notification_rule.deleted" | "secret.created" | "secret.changed" | "secret.deleted" | "session.began" | "session.refused" | "session.ended" | "session.stolen" | "token.created" | "token.revoked" | "trigger.created" | "trigger.changed" | "trigger.deleted" | "user.created" | "user.invited" | "user.changed" | "user.deleted" | "user.password_set" | "user.password_reset" | "user.totp_enabled" | "user.totp_disabled" | "user.identity_linked" | "user.identity_unlinked";
                    /** @description Id of what something was done to; of a secret its name. */
                    subject?: string;
                    /** @description From then on, in ms since 1970. */
                    since?: number;
                    /** @description Before then, in ms since 1970. */
                    until?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The table. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/csv": string;
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/backup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download a backup
         * @description Made as it is sent: the database, logs and artifacts as a tar archive, compressed by zstd, and encrypted by age where BACKUP_PASSPHRASE is set. Only then the key of all secrets is in it. When something goes wrong the connection breaks off: what came so far is no backup.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Its bytes. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/octet-stream": string;
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /**
         * Have a backup made
         * @description To BACKUP_URL, as is done by itself. It goes on when this is answered.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description How backups to BACKUP_URL stand; null when that is not set. */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["BackupState"];
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/bots": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All bots */
        get: {
            parameters: {
                query: {
                    limit: number;
                    /** @description `nextCursor` of the page before. */
                    cursor?: string;
                    /** @description Only bots with this text in their name, slug, description or a tag; upper and lower case are the same. */
                    search?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: components["schemas"]["Bot"][];
                            nextCursor: string | null;
                        };
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /** Create a bot */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        name: string;
                        /** @description Program and arguments, passed as they are: no shell reads them. `{{parameters.name}}` stands for a parameter and never becomes more than one argument. */
                        command: string[];
                        /** @description Unique name for addresses. Made from the name when left out. */
                        slug?: string;
                        /** @default  */
                        description?: string;
                        /**
                         * @default command
                         * @enum {string}
                         */
                        kind?: "command";
                        /**
                         * @description Absolute folder the bot runs in; null for a folder of its own under DATA_DIR/workspaces.
                         * @default null
                         */
                        cwd?: string | null;
                        /**
                         * @description Environment variables. `{{parameters.name}}` works here too. Names that begin with BOTYARD_ are taken.
                         * @default {}
                         */
                        env?: {
                            [key: string]: string;
                        };
                        /**
                         * @description Names of secrets. Each is given to the bot as the environment variable of that name.
                         * @default []
                         */
                        secrets?: string[];
                        /**
                         * @description JSON Schema (draft 2020-12 or draft-07) of an object. What somebody starts the bot with is checked against it, and its defaults are filled in.
                         * @default {
                         *       "type": "object",
                         *       "properties": {},
                         *       "additionalProperties": false
                         *     }
                         */
                        parameters?: {
                            [key: string]: unknown;
                        };
                        /**
                         * @description Wall clock from the start of an attempt to its end, in milliseconds.
                         * @default 3600000
                         */
                        timeoutMs?: number;
                        /**
                         * @description A bot that prints nothing for so long is ended; a terminal also counts what is typed. Null: it may be quiet.
                         * @default null
                         */
                        idleTimeoutMs?: number | null;
                        /**
                         * @description How long to wait after SIGINT, and again after SIGTERM, before the next, harder signal.
                         * @default 10000
                         */
                        killGraceMs?: number;
                        /**
                         * @description A bot that prints more is ended with reason `log_limit`.
                         * @default 1073741824
                         */
                        maxLogBytes?: number;
                        /**
                         * @description It runs in a terminal that people type into; its log is what the terminal showed.
                         * @default false
                         */
                        terminal?: boolean;
                        /**
                         * @description It can be sent input while it runs. Without this it reads an empty input; a terminal always can.
                         * @default false
                         */
                        input?: boolean;
                        /**
                         * @description Of executions that wait, those of a higher priority go first.
                         * @default 0
                         */
                        priority?: number;
                        concurrency?: {
                            /** @description Executions of this bot that run at a time. */
                            limit?: number;
                            /**
                             * @description What happens to one more than may run: `queue`: it waits. `skip`: it is kept as skipped. `replace`: the oldest gives way to it. With a key this counts the executions with the same key, of which one runs at a time.
                             * @enum {unknown}
                             */
                            policy?: "queue" | "skip" | "replace";
                            /** @description Such as `{{parameters.repo}}`: no two executions with the same key run at a time, and without a `cwd` each key has a folder of its own. */
                            key?: string | null;
                        };
                        retry?: {
                            /** @description Attempts in all; 1: no retry. */
                            maxAttempts?: number;
                            /** @description Before the second attempt; it doubles before each further one. Half of it is left to chance. */
                            backoffMs?: number;
                            /** @description It grows no further than this. */
                            maxBackoffMs?: number;
                            /** @description Reasons after which it is tried again: by default all but `log_limit`, `shutdown` and `unknown_end`. `shutdown` is for one that was ended because the host ended everything on it: the next server tries it again. `unknown_end` is for one whose end nobody saw: it may have done its work. One that somebody cancelled is never tried again. */
                            on?: ("exit_code" | "signal" | "spawn" | "wall_clock" | "idle_timeout" | "memory" | "log_limit" | "log_incomplete" | "assertion" | "shutdown" | "unknown_end")[];
                            /** @description Of attempts that ended with an exit code, only these are tried again; none: any but 0. */
                            exitCodes?: number[];
                        };
                        limits?: {
                            /** @description Memory of all its processes. */
                            memoryBytes?: number | null;
                            /** @description Processors, such as 0.5. */
                            cpus?: number | null;
                            /** @description Processes and threads at a time. */
                            pids?: number | null;
                        };
                        assert?: {
                            /** @description Texts that must stand in the log of a bot that exits with 0. */
                            mustPrint?: string[];
                            /** @description Texts that must not. */
                            mustNotPrint?: string[];
                            /** @description Names of artifacts there must be; `*` stands for any part of a name, `**` also for folders. */
                            mustCreate?: string[];
                        };
                        /** @default [] */
                        tags?: string[];
                        /**
                         * @description A disabled bot is not started by anything.
                         * @default true
                         */
                        enabled?: boolean;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Bot"];
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/bots/bundled": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create the bundled bots
         * @description Makes those of `system-report`, `self-check` and `clock` that are not there, and answers all three.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: components["schemas"]["Bot"][];
                        };
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/bots/{bot}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One bot */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Id or slug of a bot. */
                    bot: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Bot"];
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        /**
         * Delete a bot
         * @description Not while an execution of it waits or runs. Its history stays.
         */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Id or slug of a bot. */
                    bot: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        /**
         * Change a bot
         * @description Only the fields given. What runs already goes on as it was started.
         */
        patch: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Id or slug of a bot. */
                    bot: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description Unique name for addresses. Made from the name when left out. */
                        slug?: string;
                        name?: string;
                        description?: string;
                        /** @enum {string} */
                        kind?: "command";
                        /** @description Program and arguments, passed as they are: no shell reads them. `{{parameters.name}}` stands for a parameter and never becomes more than one argument. */
                        command?: string[];
                        /** @description Absolute folder the bot runs in; null for a folder of its own under DATA_DIR/workspaces. */
                        cwd?: string | null;
                        /** @description Environment variables. `{{parameters.name}}` works here too. Names that begin with BOTYARD_ are taken. */
                        env?: {
                            [key: string]: string;
                        };
                        /** @description Names of secrets. Each is given to the bot as the environment variable of that name. */
                        secrets?: string[];
                        /** @description JSON Schema (draft 2020-12 or draft-07) of an object. What somebody starts the bot with is checked against it, and its defaults are filled in. */
                        parameters?: {
                            [key: string]: unknown;
                        };
                        /** @description Wall clock from the start of an attempt to its end, in milliseconds. */
                        timeoutMs?: number;
                        /** @description A bot that prints nothing for so long is ended; a terminal also counts what is typed. Null: it may be quiet. */
                        idleTimeoutMs?: number | null;
                        /** @description How long to wait after SIGINT, and again after SIGTERM, before the next, harder signal. */
                        killGraceMs?: number;
                        /** @description A bot that prints more is ended with reason `log_limit`. */
                        maxLogBytes?: number;
                        /** @description It runs in a terminal that people type into; its log is what the terminal showed. */
                        terminal?: boolean;
                        /** @description It can be sent input while it runs. Without this it reads an empty input; a terminal always can. */
                        input?: boolean;
                        /** @description Of executions that wait, those of a higher priority go first. */
                        priority?: number;
                        concurrency?: {
                            /** @description Executions of this bot that run at a time. */
                            limit?: number;
                            /**
                             * @description What happens to one more than may run: `queue`: it waits. `skip`: it is kept as skipped. `replace`: the oldest gives way to it. With a key this counts the executions with the same key, of which one runs at a time.
                             * @enum {unknown}
                             */
                            policy?: "queue" | "skip" | "replace";
                            /** @description Such as `{{parameters.repo}}`: no two executions with the same key run at a time, and without a `cwd` each key has a folder of its own. */
                            key?: string | null;
                        };
                        retry?: {
                            /** @description Attempts in all; 1: no retry. */
                            maxAttempts?: number;
                            /** @description Before the second attempt; it doubles before each further one. Half of it is left to chance. */
                            backoffMs?: number;
                            /** @description It grows no further than this. */
                            maxBackoffMs?: number;
                            /** @description Reasons after which it is tried again: by default all but `log_limit`, `shutdown` and `unknown_end`. `shutdown` is for one that was ended because the host ended everything on it: the next server tries it again. `unknown_end` is for one whose end nobody saw: it may have done its work. One that somebody cancelled is never tried again. */
                            on?: ("exit_code" | "signal" | "spawn" | "wall_clock" | "idle_timeout" | "memory" | "log_limit" | "log_incomplete" | "assertion" | "shutdown" | "unknown_end")[];
                            /** @description Of attempts that ended with an exit code, only these are tried again; none: any but 0. */
                            exitCodes?: number[];
                        };
                        limits?: {
                            /** @description Memory of all its processes. */
                            memoryBytes?: number | null;
                            /** @description Processors, such as 0.5. */
                            cpus?: number | null;
                            /** @description Processes and threads at a time. */
                            pids?: number | null;
                        };
                        assert?: {
                            /** @description Texts that must stand in the log of a bot that exits with 0. */
                            mustPrint?: string[];
                            /** @description Texts that must not. */
                            mustNotPrint?: string[];
                            /** @description Names of artifacts there must be; `*` stands for any part of a name, `**` also for folders. */
                            mustCreate?: string[];
                        };
                        tags?: string[];
                        /** @description A disabled bot is not started by anything. */
                        enabled?: boolean;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Bot"];
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        trace?: never;
    };
    "/api/bots/{bot}/executions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A bot's executions */
        get: {
            parameters: {
                query: {
                    limit: number;
                    /** @description `nextCursor` of the page before. */
                    cursor?: string;
                    /** @description States, separated by commas: queued, running, succeeded, failed, cancelled, timed_out, lost, skipped. */
                    state?: string;
                    /** @description Triggers, separated by commas: manual, api, schedule, webhook, chain. */
                    trigger?: string;
                    /** @description Id of the schedule, webhook or chain that started it; of one that has been deleted, too. */
                    triggerId?: string;
                    /** @description Queued at this time or later: milliseconds since 1970, UTC. */
                    since?: number;
                    /** @description Queued before this time: milliseconds since 1970, UTC. */
                    until?: number;
                };
                header?: never;
                path: {
                    /** @description Id or slug of a bot. */
                    bot: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: components["schemas"]["Execution"][];
                            nextCursor: string | null;
                        };
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /**
         * Start a bot
         * @description Answers as soon as the execution is on disk; it runs when there is room. A bot whose policy is `skip` may answer an execution that is `skipped`.
         */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request sent again with the same key within a day starts nothing and is answered alike. */
                    "idempotency-key"?: string;
                };
                path: {
                    /** @description Id or slug of a bot. */
                    bot: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @default {} */
                        parameters?: {
                            [key: string]: unknown;
                        };
                    };
                };
            };
            responses: {
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Execution"];
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/bots/trials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try a bot without saving it
         * @description Runs what is sent as a bot once. It is checked as a bot to be saved, but its slug need not be free: so a change of a bot can be tried, too, in the folder the bot works in. It takes its turn there. Its execution has `trial: true`, and stays when it has ended.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        bot: {
                            name: string;
                            /** @description Program and arguments, passed as they are: no shell reads them. `{{parameters.name}}` stands for a parameter and never becomes more than one argument. */
                            command: string[];
                            /** @description Unique name for addresses. Made from the name when left out. */
                            slug?: string;
                            /** @default  */
                            description?: string;
                            /**
                             * @default command
                             * @enum {string}
                             */
                            kind?: "command";
                            /**
                             * @description Absolute folder the bot runs in; null for a folder of its own under DATA_DIR/workspaces.
                             * @default null
                             */
                            cwd?: string | null;
                            /**
                             * @description Environment variables. `{{parameters.name}}` works here too. Names that begin with BOTYARD_ are taken.
                             * @default {}
                             */
                            env?: {
                                [key: string]: string;
                            };
                            /**
                             * @description Names of secrets. Each is given to the bot as the environment variable of that name.
                             * @default []
                             */
                            secrets?: string[];
                            /**
                             * @description JSON Schema (draft 2020-12 or draft-07) of an object. What somebody starts the bot with is checked against it, and its defaults are filled in.
                             * @default {
                             *       "type": "object",
                             *       "properties": {},
                             *       "additionalProperties": false
                             *     }
                             */
                            parameters?: {
                                [key: string]: unknown;
                            };
                            /**
                             * @description Wall clock from the start of an attempt to its end, in milliseconds.
                             * @default 3600000
                             */
                            timeoutMs?: number;
                            /**
                             * @description A bot that prints nothing for so long is ended; a terminal also counts what is typed. Null: it may be quiet.
                             * @default null
                             */
                            idleTimeoutMs?: number | null;
                            /**
                             * @description How long to wait after SIGINT, and again after SIGTERM, before the next, harder signal.
                             * @default 10000
                             */
                            killGraceMs?: number;
                            /**
                             * @description A bot that prints more is ended with reason `log_limit`.
                             * @default 1073741824
                             */
                            maxLogBytes?: number;
                            /**
                             * @description It runs in a terminal that people type into; its log is what the terminal showed.
                             * @default false
                             */
                            terminal?: boolean;
                            /**
                             * @description It can be sent input while it runs. Without this it reads an empty input; a terminal always can.
                             * @default false
                             */
                            input?: boolean;
                            /**
                             * @description Of executions that wait, those of a higher priority go first.
                             * @default 0
                             */
                            priority?: number;
                            concurrency?: {
                                /** @description Executions of this bot that run at a time. */
                                limit?: number;
                                /**
                                 * @description What happens to one more than may run: `queue`: it waits. `skip`: it is kept as skipped. `replace`: the oldest gives way to it. With a key this counts the executions with the same key, of which one runs at a time.
                                 * @enum {unknown}
                                 */
                                policy?: "queue" | "skip" | "replace";
                                /** @description Such as `{{parameters.repo}}`: no two executions with the same key run at a time, and without a `cwd` each key has a folder of its own. */
                                key?: string | null;
                            };
                            retry?: {
                                /** @description Attempts in all; 1: no retry. */
                                maxAttempts?: number;
                                /** @description Before the second attempt; it doubles before each further one. Half of it is left to chance. */
                                backoffMs?: number;
                                /** @description It grows no further than this. */
                                maxBackoffMs?: number;
                                /** @description Reasons after which it is tried again: by default all but `log_limit`, `shutdown` and `unknown_end`. `shutdown` is for one that was ended because the host ended everything on it: the next server tries it again. `unknown_end` is for one whose end nobody saw: it may have done its work. One that somebody cancelled is never tried again. */
                                on?: ("exit_code" | "signal" | "spawn" | "wall_clock" | "idle_timeout" | "memory" | "log_limit" | "log_incomplete" | "assertion" | "shutdown" | "unknown_end")[];
                                /** @description Of attempts that ended with an exit code, only these are tried again; none: any but 0. */
                                exitCodes?: number[];
                            };
                            limits?: {
                                /** @description Memory of all its processes. */
                                memoryBytes?: number | null;
                                /** @description Processors, such as 0.5. */
                                cpus?: number | null;
                                /** @description Processes and threads at a time. */
                                pids?: number | null;
                            };
                            assert?: {
                                /** @description Texts that must stand in the log of a bot that exits with 0. */
                                mustPrint?: string[];
                                /** @description Texts that must not. */
                                mustNotPrint?: string[];
                                /** @description Names of artifacts there must be; `*` stands for any part of a name, `**` also for folders. */
                                mustCreate?: string[];
                            };
                            /** @default [] */
                            tags?: string[];
                            /**
                             * @description A disabled bot is not started by anything.
                             * @default true
                             */
                            enabled?: boolean;
                        };
                        /** @default {} */
                        parameters?: {
                            [key: string]: unknown;
                        };
                    };
                };
            };
            responses: {
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Execution"];
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/executions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All executions */
        get: {
            parameters: {
                query: {
                    limit: number;
                    /** @description `nextCursor` of the page before. */
                    cursor?: string;
                    /** @description States, separated by commas: queued, running, succeeded, failed, cancelled, timed_out, lost, skipped. */
                    state?: string;
                    /** @description Triggers, separated by commas: manual, api, schedule, webhook, chain. */
                    trigger?: string;
                    /** @description Id of the schedule, webhook or chain that started it; of one that has been deleted, too. */
                    triggerId?: string;
                    /** @description Queued at this time or later: milliseconds since 1970, UTC. */
                    since?: number;
                    /** @description Queued before this time: milliseconds since 1970, UTC. */
                    until?: number;
                    /** @description Id or slug of a bot. */
                    bot?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: components["schemas"]["Execution"][];
                            nextCursor: string | null;
                        };
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/executions/latest": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The latest executions of some bots
         * @description Bot by bot as asked for, newest first within each. A bot that is not there has none.
         */
        get: {
            parameters: {
                query: {
                    /** @description Ids of 1 to 200 bots, separated by commas. */
                    bots: string;
                    /** @description Executions of each bot, at most. */
                    perBot: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: components["schemas"]["Execution"][];
                        };
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/executions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One execution */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Id of an execution. */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Execution"];
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/executions/{id}/payload": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What an execution was given
         * @description The JSON that its webhook or the execution before it brought; its bot has it in the file that BOTYARD_PAYLOAD names.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Id of an execution. */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": unknown;
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/executions/{id}/rerun": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Run an execution again
         * @description Starts its bot, as the bot is now, with the same parameters, or with those that are sent.
         */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same request sent again with the same key within a day starts nothing and is answered alike. */
                    "idempotency-key"?: string;
                };
                path: {
                    /** @description Id of an execution. */
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description Those of the execution that is repeated, when left out. */
                        parameters?: {
                            [key: string]: unknown;
                        };
                    };
                };
            };
            responses: {
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Execution"];
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/executions/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel an execution
         * @description One that waits never starts. One that runs gets SIGINT, after its grace SIGTERM, after another SIGKILL.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Id of an execution. */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Execution"];
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/executions/{id}/input": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send input to a bot that runs
         * @description For bots with `input` or `terminal`. Answers when the bot has been given all of it. When it reads nothing for ten seconds, the answer is `input_full` and says how many bytes were taken; a text of up to 4096 bytes is taken whole or not at all. Texts arrive in the order in which they come here: wait for the answer to one before you send the next.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Id of an execution. */
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description As it is typed: in a terminal the Enter key is `\r` and Ctrl-C is `\u0003`. Elsewhere a line ends with `\n`. */
                        text: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/executions/{id}/resize": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Resize the terminal of a bot that runs
         * @description For bots with `terminal`, which begin with 80 columns and 24 rows. The latest size counts.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Id of an execution. */
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        columns: number;
                        rows: number;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/executions/{id}/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What an attempt used, over time
         * @description Of all its processes, oldest first, 500 items at most. None for one that ended within two seconds.
         */
        get: {
            parameters: {
                query?: {
                    /** @description Default: the last. */
                    attempt?: number;
                };
                header?: never;
                path: {
                    /** @description Id of an execution. */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @description From 1. */
                            attempt: number;
                            items: {
                                /** @description Milliseconds since 1970, UTC. */
                                at: number;
                                /** @description Processor time of all its processes so far, in milliseconds. */
                                cpuMs: number;
                                /** @description The most memory they had at a time since the item before. */
                                memoryBytes: number;
                                /** @description The most processes there were at a time since the item before. */
                                pids: number;
                            }[];
                        };
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/triggers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What makes bots run by themselves */
        get: {
            parameters: {
                query: {
                    limit: number;
                    /** @description `nextCursor` of the page before. */
                    cursor?: string;
                    /** @description Id or slug of a bot. */
                    bot?: string;
                    kind?: "schedule" | "webhook" | "chain";
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: components["schemas"]["Trigger"][];
                            nextCursor: string | null;
                        };
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /**
         * Create a trigger
         * @description A schedule, a webhook, or a chain, which starts a bot after another has ended.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            /** @description With the settings of its kind, under the name of its kind. */
            requestBody: {
                content: {
                    "application/json": {
                        /** @description Id or slug of the bot it starts. */
                        bot: string;
                        /** @enum {unknown} */
                        kind: "schedule" | "webhook" | "chain";
                        name: string;
                        /** @default true */
                        enabled?: boolean;
                        /**
                         * @description What it starts the bot with.
                         * @default {}
                         */
                        parameters?: {
                            [key: string]: unknown;
                        };
                        schedule?: {
                            /** @description Five fields, or six with seconds first; names of months and days; `@daily` and the like. */
                            cron?: string | null;
                            /** @description Every so many milliseconds, counted from `startAt`. */
                            everyMs?: number | null;
                            /** @description Once, at this instant. */
                            at?: number | null;
                            /** @description IANA name, such as Europe/Berlin. */
                            timezone?: string;
                            /** @description Milliseconds since 1970, UTC. */
                            startAt?: number | null;
                            /** @description Milliseconds since 1970, UTC. */
                            endAt?: number | null;
                            /** @description Dates in `timezone` on which it does not run. */
                            exclude?: string[];
                            /** @description Each slot begins up to so much later, by chance. */
                            jitterMs?: number;
                            /**
                             * @description What becomes of slots that passed while no server ran: none is made up for, the latest is, all are.
                             * @enum {unknown}
                             */
                            missed?: "skip" | "latest" | "all";
                            /** @description What was missed longer ago is not made up for. */
                            maxAgeMs?: number;
                            /** @description What is made up for is spread over so long. */
                            spreadMs?: number;
                        };
                        webhook?: {
                            /**
                             * @description How it is found out who sent something. `none`: whoever knows the address is believed; it has to be said in as many words.
                             * @enum {unknown}
                             */
                            verification?: "github" | "standard" | "gitlab" | "hmac" | "none";
                            /** @description Of `hmac`: the header with the signature. It and what follows are null for the others. */
                            header?: string | null;
                            /**
                             * @description sha256 unless given.
                             * @enum {string|null}
                             */
                            algorithm?: "sha1" | "sha256" | "sha512" | null;
                            /** @description What stands before the signature, such as `sha256=`. Of a list with commas, what begins with it counts. */
                            prefix?: string | null;
                            /**
                             * @description hex unless given.
                             * @enum {string|null}
                             */
                            encoding?: "hex" | "base64" | "base64url" | null;
                            /** @description What is signed: `{body}` unless given, `{timestamp}` where the time is signed too: `v0:{timestamp}:{body}`. */
                            signed?: string | null;
                            /** @description The header with the time it was signed at, in seconds since 1970: within five minutes of now. */
                            timestampHeader?: string | null;
                            /** @description What stands before the time, where it is one of a list: `t=`. */
                            timestampPrefix?: string | null;
                            /** @description The header with the sender's own id of what it sends, by which a repeat is known. */
                            deliveryHeader?: string | null;
                            /** @description Which deliveries start the bot; without rules all do. */
                            filters?: {
                                /** @enum {unknown} */
                                match: "all" | "any";
                                rules: {
                                    /** @description JSONPath (RFC 9535) into `{ payload, headers, query }`, such as `$.payload.action`. */
                                    path: string;
                                    /** @enum {unknown} */
                                    op: "equals" | "matches" | "exists";
                                    /** @description What `equals` compares with; the pattern (syntax of RE2) that `matches` looks for. */
                                    value?: unknown;
                                }[];
                            };
                            /** @description Parameters of the bot and where their values are found; where nothing is found, none is given. */
                            map?: {
                                [key: string]: string;
                            };
                            /** @description Written and never shown again. Several, of which any will do, are separated by blanks or line breaks: add the new one, give it to the sender, then leave the old one out. */
                            secret?: string;
                        };
                        chain?: {
                            /** @description The bot it comes after. */
                            afterBotId?: string;
                            /**
                             * @description `failed`: failed, timed out or lost. `any`: these, succeeded and cancelled; never what was skipped.
                             * @enum {unknown}
                             */
                            on?: "succeeded" | "failed" | "any";
                        };
                    };
                };
            };
            responses: {
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Trigger"];
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/triggers/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One trigger */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Id of a trigger. */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Trigger"];
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        /**
         * Delete a trigger
         * @description What it has started stays in the history.
         */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Id of a trigger. */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        /** Change a trigger */
        patch: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Id of a trigger. */
                    id: string;
                };
                cookie?: never;
            };
            /** @description Only what is given changes. */
            requestBody: {
                content: {
                    "application/json": {
                        name?: string;
                        enabled?: boolean;
                        /** @description What it starts the bot with. */
                        parameters?: {
                            [key: string]: unknown;
                        };
                        schedule?: {
                            /** @description Five fields, or six with seconds first; names of months and days; `@daily` and the like. */
                            cron?: string | null;
                            /** @description Every so many milliseconds, counted from `startAt`. */
                            everyMs?: number | null;
                            /** @description Once, at this instant. */
                            at?: number | null;
                            /** @description IANA name, such as Europe/Berlin. */
                            timezone?: string;
                            /** @description Milliseconds since 1970, UTC. */
                            startAt?: number | null;
                            /** @description Milliseconds since 1970, UTC. */
                            endAt?: number | null;
                            /** @description Dates in `timezone` on which it does not run. */
                            exclude?: string[];
                            /** @description Each slot begins up to so much later, by chance. */
                            jitterMs?: number;
                            /**
                             * @description What becomes of slots that passed while no server ran: none is made up for, the latest is, all are.
                             * @enum {unknown}
                             */
                            missed?: "skip" | "latest" | "all";
                            /** @description What was missed longer ago is not made up for. */
                            maxAgeMs?: number;
                            /** @description What is made up for is spread over so long. */
                            spreadMs?: number;
                        };
                        webhook?: {
                            /**
                             * @description How it is found out who sent something. `none`: whoever knows the address is believed; it has to be said in as many words.
                             * @enum {unknown}
                             */
                            verification?: "github" | "standard" | "gitlab" | "hmac" | "none";
                            /** @description Of `hmac`: the header with the signature. It and what follows are null for the others. */
                            header?: string | null;
                            /**
                             * @description sha256 unless given.
                             * @enum {string|null}
                             */
                            algorithm?: "sha1" | "sha256" | "sha512" | null;
                            /** @description What stands before the signature, such as `sha256=`. Of a list with commas, what begins with it counts. */
                            prefix?: string | null;
                            /**
                             * @description hex unless given.
                             * @enum {string|null}
                             */
                            encoding?: "hex" | "base64" | "base64url" | null;
                            /** @description What is signed: `{body}` unless given, `{timestamp}` where the time is signed too: `v0:{timestamp}:{body}`. */
                            signed?: string | null;
                            /** @description The header with the time it was signed at, in seconds since 1970: within five minutes of now. */
                            timestampHeader?: string | null;
                            /** @description What stands before the time, where it is one of a list: `t=`. */
                            timestampPrefix?: string | null;
                            /** @description The header with the sender's own id of what it sends, by which a repeat is known. */
                            deliveryHeader?: string | null;
                            /** @description Which deliveries start the bot; without rules all do. */
                            filters?: {
                                /** @enum {unknown} */
                                match: "all" | "any";
                                rules: {
                                    /** @description JSONPath (RFC 9535) into `{ payload, headers, query }`, such as `$.payload.action`. */
                                    path: string;
                                    /** @enum {unknown} */
                                    op: "equals" | "matches" | "exists";
                                    /** @description What `equals` compares with; the pattern (syntax of RE2) that `matches` looks for. */
                                    value?: unknown;
                                }[];
                            };
                            /** @description Parameters of the bot and where their values are found; where nothing is found, none is given. */
                            map?: {
                                [key: string]: string;
                            };
                            /** @description Written and never shown again. Several, of which any will do, are separated by blanks or line breaks: add the new one, give it to the sender, then leave the old one out. */
                            secret?: string;
                        };
                        chain?: {
                            /** @description The bot it comes after. */
                            afterBotId?: string;
                            /**
                             * @description `failed`: failed, timed out or lost. `any`: these, succeeded and cancelled; never what was skipped.
                             * @enum {unknown}
                             */
                            on?: "succeeded" | "failed" | "any";
                        };
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Trigger"];
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        trace?: never;
    };
    "/api/triggers/{id}/occurrences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The slots of a schedule
         * @description What became of those that have been, and those that are to come while it is on.
         */
        get: {
            parameters: {
                query: {
                    /** @description The first slot is of this time or later; by default, of now. */
                    from?: number;
                    /** @description Instead of `from`: those before this time, newest first. */
                    before?: number;
                    count: number;
                };
                header?: never;
                path: {
                    /** @description Id of a trigger. */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Oldest first; with `before`, newest first. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: components["schemas"]["Occurrence"][];
                        };
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/triggers/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Say when a schedule would run */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        schedule: {
                            /** @description Five fields, or six with seconds first; names of months and days; `@daily` and the like. */
                            cron?: string | null;
                            /** @description Every so many milliseconds, counted from `startAt`. */
                            everyMs?: number | null;
                            /** @description Once, at this instant. */
                            at?: number | null;
                            /** @description IANA name, such as Europe/Berlin. */
                            timezone?: string;
                            /** @description Milliseconds since 1970, UTC. */
                            startAt?: number | null;
                            /** @description Milliseconds since 1970, UTC. */
                            endAt?: number | null;
                            /** @description Dates in `timezone` on which it does not run. */
                            exclude?: string[];
                            /** @description Each slot begins up to so much later, by chance. */
                            jitterMs?: number;
                            /**
                             * @description What becomes of slots that passed while no server ran: none is made up for, the latest is, all are.
                             * @enum {unknown}
                             */
                            missed?: "skip" | "latest" | "all";
                            /** @description What was missed longer ago is not made up for. */
                            maxAgeMs?: number;
                            /** @description What is made up for is spread over so long. */
                            spreadMs?: number;
                        };
                        /** @description The first slot is later than this; by default, than now. */
                        from?: number;
                        /** @default 10 */
                        count?: number;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["SchedulePreview"];
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/occurrences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The calendar: the slots of all schedules */
        get: {
            parameters: {
                query: {
                    /** @description Milliseconds since 1970, UTC. */
                    from: number;
                    /** @description Milliseconds since 1970, UTC. */
                    until: number;
                    limit: number;
                    /** @description At most so many of each trigger, so that one that is due often leaves room for others. */
                    perTrigger?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description In the order in which they are due. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: components["schemas"]["CalendarEntry"][];
                            /** @description There are more before `until`: ask for less time at once. */
                            truncated: boolean;
                            /** @description Triggers of which there are more than `perTrigger`. */
                            more: string[];
                        };
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/webhooks/{triggerId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Deliver to a webhook
         * @description For whoever the trigger is set up for, who signs what he sends. Any Content-Type: JSON, a form, or text; 10 MiB. Answers 202 when it starts the bot, or may yet; 200 when it starts nothing: filtered, a repeat, or only a trial. After 429 and 503 it can be sent again.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Id of a trigger of kind `webhook`. */
                    triggerId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Receipt"] | {
                            challenge: string;
                        };
                    };
                };
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Receipt"];
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/triggers/{id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was delivered to a webhook
         * @description Newest first, with what became of each and why. Kept for 14 days, and of each webhook the last 10,000 and 256 MiB; of what was not believed the last 100.
         */
        get: {
            parameters: {
                query: {
                    limit: number;
                    /** @description `nextCursor` of the page before. */
                    cursor?: string;
                    verdict?: "received" | "started" | "skipped" | "filtered" | "ping" | "challenge" | "disabled" | "automation_off" | "bot_disabled" | "invalid_parameters" | "queue_full" | "unreadable" | "too_slow" | "repeated" | "invalid_signature" | "stale" | "too_large";
                };
                header?: never;
                path: {
                    /** @description Id of a trigger. */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: components["schemas"]["Delivery"][];
                            nextCursor: string | null;
                        };
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/deliveries/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One delivery, with its headers */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Id of a delivery. */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["DeliveryDetail"];
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/deliveries/{id}/body": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The body of a delivery
         * @description As it came, to the byte; of what was not believed the first 4 KiB.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Id of a delivery. */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Its bytes, to be saved and never shown. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/octet-stream": string;
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/deliveries/{id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Have a delivery start its bot again
         * @description One that started nothing is looked at anew; of one that has, another delivery is made. The filters count as they are now; that the trigger or the automation is off does not. What was not believed cannot be replayed.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Id of a delivery. */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Delivery"];
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/deliveries/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Have all deliveries start their bots that came while the automation was off
         * @description The oldest first, each once, up to a thousand at a time.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @enum {unknown} */
                        verdict: "automation_off";
                        /** @description Those of one trigger; of all unless given. */
                        triggerId?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @description How many have started a bot now, or had by then. */
                            started: number;
                            /** @description How many could not: their verdict says why. */
                            failed: number;
                            /** @description How many wait still, as the queue is full or there are very many: ask again. */
                            left: number;
                        };
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/automation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether bots run by themselves */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Automation"];
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        /**
         * Switch all automation on or off
         * @description Off: schedules, webhooks and chains start nothing, until it is switched on again, also across restarts. What was missed then follows the policy of its schedule; what webhooks brought is kept and can be replayed.
         */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        enabled: boolean;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Automation"];
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/channels": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The channels for notifications */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: components["schemas"]["Channel"][];
                        };
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /**
         * Create a channel
         * @description It is told of nothing until a rule names it.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        name: string;
                        /** @enum {unknown} */
                        kind: "email" | "webhook" | "slack" | "discord" | "telegram" | "ntfy" | "ping";
                        /** @description By kind. `email`: to (a list), from, smtpUrl*. `webhook`: url, secret*. `slack` and `discord`: url*. `telegram`: token*, chatId, server. `ntfy`: server, topic, token*. `ping`: url*. Those with a * are secret: written, and never shown again. */
                        settings: {
                            [key: string]: unknown;
                        };
                    };
                };
            };
            responses: {
                /** @description A way to tell somebody something. */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Channel"];
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/channels/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One channel */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Id of a channel. */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A way to tell somebody something. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Channel"];
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        /**
         * Delete a channel
         * @description Not while a rule names it. Its notices go with it, also those that wait.
         */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Id of a channel. */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        /**
         * Change a channel
         * @description Secret settings that are not given stay as they are, unless they would be told to another server.
         */
        patch: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Id of a channel. */
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        name?: string;
                        /** @description Only what is given changes; null takes one away. By kind. `email`: to (a list), from, smtpUrl*. `webhook`: url, secret*. `slack` and `discord`: url*. `telegram`: token*, chatId, server. `ntfy`: server, topic, token*. `ping`: url*. Those with a * are secret: written, and never shown again. */
                        settings?: {
                            [key: string]: unknown;
                        };
                    };
                };
            };
            responses: {
                /** @description A way to tell somebody something. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Channel"];
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        trace?: never;
    };
    "/api/channels/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try a channel
         * @description Sends something through it at once, and answers what came of it.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Id of a channel. */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            delivered: boolean;
                            /** @description What the other side answered, shortened, or why it did not. */
                            detail: string;
                        };
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/notification-rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is told of what */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: components["schemas"]["NotificationRule"][];
                        };
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /** Create a rule */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        name: string;
                        /** @description `failed`: failed, timed out or lost, but not cancelled. `first_failure`: that, after a success or as the first. `recovered`: a success after a failure. `slot_missed`: a schedule did not start its bot. `long_running`: it has been running for `longRunningMs`. */
                        events: ("failed" | "first_failure" | "recovered" | "succeeded" | "slot_missed" | "long_running")[];
                        channelIds: string[];
                        /** @description Id or slug of the bot it is for; null: all. */
                        bot?: string | null;
                        /**
                         * @description So long after a notice about a bot no other of the same event is sent; the next says how many were not. A `ping` is always sent.
                         * @default 0
                         */
                        quietMs?: number;
                        /** @description For the event `long_running`. */
                        longRunningMs?: number | null;
                        /**
                         * @description Last lines of the log that are told.
                         * @default 0
                         */
                        logLines?: number;
                        /** @default true */
                        enabled?: boolean;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["NotificationRule"];
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/notification-rules/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One rule */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Id of a rule. */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["NotificationRule"];
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        /**
         * Delete a rule
         * @description What it has already said is sent all the same.
         */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Id of a rule. */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        /** Change a rule */
        patch: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Id of a rule. */
                    id: string;
                };
                cookie?: never;
            };
            /** @description Only what is given changes. */
            requestBody: {
                content: {
                    "application/json": {
                        name?: string;
                        /** @description `failed`: failed, timed out or lost, but not cancelled. `first_failure`: that, after a success or as the first. `recovered`: a success after a failure. `slot_missed`: a schedule did not start its bot. `long_running`: it has been running for `longRunningMs`. */
                        events?: ("failed" | "first_failure" | "recovered" | "succeeded" | "slot_missed" | "long_running")[];
                        channelIds?: string[];
                        /** @description So long after a notice about a bot no other of the same event is sent; the next says how many were not. A `ping` is always sent. */
                        quietMs?: number;
                        /** @description For the event `long_running`. */
                        longRunningMs?: number | null;
                        /** @description Last lines of the log that are told. */
                        logLines?: number;
                        enabled?: boolean;
                        /** @description Id or slug of the bot it is for; null: all. */
                        bot?: string | null;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["NotificationRule"];
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        trace?: never;
    };
    "/api/notices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was sent, waits, or was given up
         * @description Newest first; kept for 30 days.
         */
        get: {
            parameters: {
                query: {
                    limit: number;
                    /** @description `nextCursor` of the page before. */
                    cursor?: string;
                    state?: "waiting" | "sent" | "failed" | "suppressed";
                    /** @description Id of a channel. */
                    channel?: string;
                    /** @description Id of a rule. */
                    rule?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: components["schemas"]["Notice"][];
                            nextCursor: string | null;
                        };
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/notices/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a notice now
         * @description One that was given up, or that waits for its next try.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Id of a notice. */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Something a channel is told. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Notice"];
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/secrets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All secrets
         * @description By name, with the bots that name each. A value never comes out again.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: components["schemas"]["Secret"][];
                        };
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/secrets/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Add a secret, or replace its value
         * @description A bot that names it in `secrets` gets it as the environment variable of that name, from its next attempt on. Wherever the bot prints it, it is covered with `*`.
         */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description An environment variable's name: letters, digits and _, no digit first, at most 100. */
                    name: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description At least 6 characters, at most 65536 bytes, no NUL. */
                        value: string;
                        /** @description What it is for. Left out, it stays as it is. */
                        description?: string;
                    };
                };
            };
            responses: {
                /** @description Its value never comes out again. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Secret"];
                    };
                };
                /** @description Its value never comes out again. */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Secret"];
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        post?: never;
        /**
         * Delete a secret
         * @description Not while a bot names it.
         */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description An environment variable's name: letters, digits and _, no digit first, at most 100. */
                    name: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/machine": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The machine that bots run on */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Machine"];
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/machine/drain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Let what runs end, and start nothing new
         * @description What is started meanwhile waits. It holds until it is taken back, also across restarts.
         */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        enabled: boolean;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Machine"];
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/executions/{id}/log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The bytes of a log, or its lines
         * @description What the bot printed, stdout and stderr in the order they were written. `Range` works, also while it runs. With `fromLine` or `tail` the answer is JSON: some of its lines, no more than 1 MiB of text.
         */
        get: {
            parameters: {
                query?: {
                    /** @description Default: the last. */
                    attempt?: number;
                    /** @description Answers lines as JSON, from this one on. */
                    fromLine?: number;
                    /** @description How many from `fromLine` on. Default: 200. */
                    lines?: number;
                    /** @description Answers the last lines as JSON, so many of them. */
                    tail?: number;
                };
                header?: never;
                path: {
                    /** @description Id of an execution. */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description All of it that can be read now, or the lines asked for. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/plain": string;
                        "application/json": components["schemas"]["LogPage"];
                    };
                };
                /** @description The range asked for. */
                206: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/plain": string;
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/executions/{id}/log/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Find lines of a log
         * @description The lines that hold a text, also while the bot runs. Letters are found in whatever case, by Unicode’s simple case folding: `ä` finds `Ä`. A search ends after two seconds, or 1 MiB of text: `nextLine` then says where to go on.
         */
        get: {
            parameters: {
                query: {
                    /** @description The text to find: no pattern, and within a line. */
                    q: string;
                    /** @description Default: the last. */
                    attempt?: number;
                    /** @description Tells `Error` from `error`. */
                    matchCase: boolean;
                    /** @description The first line that is looked at. */
                    fromLine: number;
                    /** @description How many lines at most. */
                    limit: number;
                };
                header?: never;
                path: {
                    /** @description Id of an execution. */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @description From 1. */
                            attempt: number;
                            items: {
                                /** @description From 1. */
                                line: number;
                                /** @description The byte of the log at which it begins. */
                                offset: number;
                                /** @description Without its line break (LF or CRLF). What is no UTF-8 is U+FFFD. */
                                text: string;
                                /** @description The line is longer than 16 KiB; `text` is its beginning. */
                                truncated: boolean;
                            }[];
                            /** @description Not all of the log has been looked through. */
                            truncated: boolean;
                            /** @description The `fromLine` of a search for the rest; null when there is no rest now. */
                            nextLine: number | null;
                        };
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/executions/{id}/log/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow a log
         * @description Server-Sent Events: `log` {text, at}, `state` {state, reason}, `end` {state, reason, exitCode}, on which clients close. The id of a `log` event is the place after it; sent back as Last-Event-ID, or as `after`, the stream goes on at that byte.
         */
        get: {
            parameters: {
                query?: {
                    /** @description Id of the last `log` event seen. The header Last-Event-ID wins. */
                    after?: string;
                    /** @description Begins so many lines before the end of the last attempt's log. `after` and Last-Event-ID win. */
                    tail?: number;
                };
                header?: never;
                path: {
                    /** @description Id of an execution. */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description An event stream. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/event-stream": string;
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/executions/{id}/artifacts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Artifacts of an execution
         * @description The files an attempt has put into the folder that BOTYARD_ARTIFACTS names, also while it runs. Regular files only, the first 1000.
         */
        get: {
            parameters: {
                query?: {
                    /** @description Default: the last. */
                    attempt?: number;
                };
                header?: never;
                path: {
                    /** @description Id of an execution. */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @description By name. */
                            items: {
                                /** @description Its way from the folder of artifacts, such as `reports/may.pdf`. */
                                name: string;
                                bytes: number;
                                /** @description Milliseconds since 1970, UTC. */
                                modifiedAt: number;
                            }[];
                            /** @description There are more than could be listed. */
                            truncated: boolean;
                            /**
                             * @description Where they are: on the server's disk; there, and to be brought to the bucket; or in the bucket. They are downloaded in the same way.
                             * @enum {unknown}
                             */
                            stored: "local" | "uploading" | "bucket";
                            /** @description For people: why they are not in the bucket yet, or never will be. */
                            detail: string | null;
                        };
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/executions/{id}/artifacts/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download an artifact
         * @description `Range` works. Of a file that still grows, this is what it holds when it is asked for.
         */
        get: {
            parameters: {
                query?: {
                    /** @description Default: the last. */
                    attempt?: number;
                };
                header?: never;
                path: {
                    /** @description Id of an execution. */
                    id: string;
                    /** @description Name of an artifact; its slashes may be sent as they are. */
                    name: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Its bytes, to be saved. Pictures, sounds and films are sent as what they are. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/octet-stream": string;
                    };
                };
                /** @description The range asked for. */
                206: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/octet-stream": string;
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/executions/{id}/artifacts/links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a link to an artifact
         * @description Whoever has the link can download the artifact without an account, until it runs out. It cannot be taken back.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Id of an execution. */
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description Of the artifact, as it is listed. */
                        name: string;
                        /** @description Default: the last. */
                        attempt?: number;
                        /** @description Default: 900. */
                        expiresInSeconds?: number;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @description Whole, with the address of the server. */
                            url: string;
                            /** @description Milliseconds since 1970, UTC. */
                            expiresAt: number;
                        };
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/shared/artifacts/{id}/{attempt}/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download an artifact by a link
         * @description As its link says, which is made at `/api/executions/{id}/artifacts/links`. `Range` works.
         */
        get: {
            parameters: {
                query: {
                    /** @description Seconds since 1970, UTC. */
                    expires: number;
                    signature: string;
                };
                header?: never;
                path: {
                    /** @description Id of an execution. */
                    id: string;
                    attempt: number;
                    /** @description Name of an artifact; its slashes may be sent as they are. */
                    name: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Its bytes, to be saved. Pictures, sounds and films are sent as what they are. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/octet-stream": string;
                    };
                };
                /** @description The range asked for. */
                206: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/octet-stream": string;
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What changes
         * @description Server-Sent Events: `bot.changed`, `bot.deleted`, `execution.changed`, each with the whole new state. Of a log that is listened to, `log.grew` {executionId, attempt, from, to, line, lineCount, at, text}: the bytes [from, to) were printed at `at` (null: unknown), byte `from` lies in line `line`, and there are `lineCount` lines up to `to`; `text` is those bytes, or null when they are more than 16 KiB: ask for the lines you show. `machine.changed` has the machine as `GET /api/machine` answers it. `trigger.changed` has the whole trigger, `trigger.deleted` {id, botId}; `automation.changed` {enabled}; `delivery.received` of a trigger the whole delivery, also when it was settled. Of `notifications`, `channel.changed`, `notification_rule.changed` and `notice.changed` have the whole of each, `channel.deleted` and `notification_rule.deleted` {id}. `secrets.changed` {names} says of which secrets there is something new. `resync` comes first and whenever a reader was too slow: something may have been missed, so read anew what you show.
         */
        get: {
            parameters: {
                query: {
                    /** @description `automation`, `bots`, `executions`, `machine`, `notifications`, `secrets`, `triggers`, `bot:<id>`, `execution:<id>`, `log:<execution id>`, `trigger:<id>`, separated by commas. `notifications` and `secrets` take the role operator. */
                    topics: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description An event stream. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/event-stream": string;
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/heartbeat": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The pulse of the server
         * @description Server-Sent Events: `heartbeat` {at, startedAt, queued, running, streams} at once and every five seconds.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description An event stream. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/event-stream": string;
                    };
                };
                /** @description A problem. */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A problem. */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * Problem
         * @description RFC 9457 problem details.
         */
        Problem: {
            type: string;
            title: string;
            status: number;
            /** @description For programs; does not change. */
            code: string;
            /** @description For people: what is wrong and what to do. */
            detail: string;
            /** @description The request, as the server log names it. */
            instance: string;
            /** @description Of a 5xx: by which the server log says more, as the header X-Request-ID. */
            requestId?: string;
            errors?: {
                /** @description JSON pointer. */
                path: string;
                message: string;
            }[];
        };
        /** User */
        User: {
            /** @description UUIDv7. */
            id: string;
            /** Format: email */
            email: string;
            /** @enum {unknown} */
            role: "viewer" | "operator" | "admin";
            /** @description Milliseconds since 1970, UTC. */
            createdAt: number;
            /** @description Milliseconds since 1970, UTC. */
            signedInAt: number | null;
            /** @description Milliseconds since 1970, UTC. */
            disabledAt: number | null;
            /** @description False until the owner of the account has chosen one. */
            hasPassword: boolean;
            /** @description Whether a sign-in takes a code of an authenticator app. */
            twoFactor: boolean;
        };
        /** Person */
        Person: {
            /** @description UUIDv7. */
            id: string;
            /** Format: email */
            email: string;
            /** @enum {unknown} */
            role: "viewer" | "operator" | "admin";
            /** @description Milliseconds since 1970, UTC. */
            createdAt: number;
            /** @description Milliseconds since 1970, UTC. */
            signedInAt: number | null;
            /** @description Milliseconds since 1970, UTC. */
            disabledAt: number | null;
            /** @description False until the owner of the account has chosen one. */
            hasPassword: boolean;
            /** @description Whether a sign-in takes a code of an authenticator app. */
            twoFactor: boolean;
            /** @description Until when the link to choose a password can be used; null: there is none. */
            linkExpiresAt: number | null;
        };
        /** Session */
        Session: {
            /** @description UUIDv7. */
            id: string;
            userAgent: string | null;
            /** @description From where it was begun. */
            address: string | null;
            /** @description Milliseconds since 1970, UTC. */
            createdAt: number;
            /** @description When it last got a new access token: at most 15 minutes ago while it is used. */
            seenAt: number;
            /** @description Milliseconds since 1970, UTC. */
            expiresAt: number;
            /** @description Whether it is the one that asks. */
            current: boolean;
        };
        /** Token */
        Token: {
            /** @description UUIDv7. */
            id: string;
            name: string;
            /** @description Its last four characters. */
            hint: string;
            /** @enum {unknown} */
            role: "viewer" | "operator" | "admin";
            /** @description Ids of the bots it is for: it knows of no others. null: all. */
            bots: string[] | null;
            /** @description Whose it is: it may never more than he. */
            user: {
                /** @description UUIDv7. */
                id: string;
                email: string;
            };
            /** @description Milliseconds since 1970, UTC. */
            createdAt: number;
            /** @description Milliseconds since 1970, UTC. */
            expiresAt: number | null;
            /** @description To the minute. */
            usedAt: number | null;
            /** @description The address it was last used from. */
            usedFrom: string | null;
        };
        /** Audit entry */
        AuditEntry: {
            /** @description UUIDv7. */
            id: string;
            /** @description Milliseconds since 1970, UTC. */
            at: number;
            actor: {
                /** @enum {unknown} */
                kind: "user" | "token" | "server";
                /** @description Of the user or the token; null for the server and for who is not known. */
                id: string | null;
                name: string;
                address: string | null;
            };
            /** @enum {unknown} */
            action: "artifact.shared" | "automation.disabled" | "automation.enabled" | "bot.created" | "bot.changed" | "bot.deleted" | "bot.tried" | "delivery.replayed" | "channel.created" | "channel.changed" | "channel.deleted" | "execution.cancelled" | "execution.typed" | "machine.drained" | "machine.resumed" | "machine.restored" | "backup.made" | "backup.downloaded" | "notification_rule.created" | "notification_rule.changed" | "notification_rule.deleted" | "secret.created" | "secret.changed" | "secret.deleted" | "session.began" | "session.refused" | "session.ended" | "session.stolen" | "token.created" | "token.revoked" | "trigger.created" | "trigger.changed" | "trigger.deleted" | "user.created" | "user.invited" | "user.changed" | "user.deleted" | "user.password_set" | "user.password_reset" | "user.totp_enabled" | "user.totp_disabled" | "user.identity_linked" | "user.identity_unlinked";
            subject: {
                /** @enum {unknown} */
                type: "automation" | "bot" | "channel" | "execution" | "machine" | "notification_rule" | "secret" | "session" | "token" | "trigger" | "user";
                id: string | null;
                name: string;
            };
            /** @description Of what was changed, what differs. No secret is in it. */
            before: {
                [key: string]: unknown;
            } | null;
            /** @description Of what was changed, what differs. No secret is in it. */
            after: {
                [key: string]: unknown;
            } | null;
        };
        /** Bot */
        Bot: {
            /** @description UUIDv7. */
            id: string;
            /** @description Unique name for addresses. Made from the name when left out. */
            slug: string;
            name: string;
            description: string;
            /** @enum {string} */
            kind: "command";
            /** @description Program and arguments, passed as they are: no shell reads them. `{{parameters.name}}` stands for a parameter and never becomes more than one argument. */
            command: string[];
            /** @description Absolute folder the bot runs in; null for a folder of its own under DATA_DIR/workspaces. */
            cwd: string | null;
            /** @description Environment variables. `{{parameters.name}}` works here too. Names that begin with BOTYARD_ are taken. */
            env: {
                [key: string]: string;
            };
            /** @description Names of secrets. Each is given to the bot as the environment variable of that name. */
            secrets: string[];
            /** @description JSON Schema (draft 2020-12 or draft-07) of an object. What somebody starts the bot with is checked against it, and its defaults are filled in. */
            parameters: {
                [key: string]: unknown;
            };
            /** @description Wall clock from the start of an attempt to its end, in milliseconds. */
            timeoutMs: number;
            /** @description A bot that prints nothing for so long is ended; a terminal also counts what is typed. Null: it may be quiet. */
            idleTimeoutMs: number | null;
            /** @description How long to wait after SIGINT, and again after SIGTERM, before the next, harder signal. */
            killGraceMs: number;
            /** @description A bot that prints more is ended with reason `log_limit`. */
            maxLogBytes: number;
            /** @description It runs in a terminal that people type into; its log is what the terminal showed. */
            terminal: boolean;
            /** @description It can be sent input while it runs. Without this it reads an empty input; a terminal always can. */
            input: boolean;
            /** @description Of executions that wait, those of a higher priority go first. */
            priority: number;
            concurrency: {
                /** @description Executions of this bot that run at a time. */
                limit: number;
                /**
                 * @description What happens to one more than may run: `queue`: it waits. `skip`: it is kept as skipped. `replace`: the oldest gives way to it. With a key this counts the executions with the same key, of which one runs at a time.
                 * @enum {unknown}
                 */
                policy: "queue" | "skip" | "replace";
                /** @description Such as `{{parameters.repo}}`: no two executions with the same key run at a time, and without a `cwd` each key has a folder of its own. */
                key: string | null;
            };
            retry: {
                /** @description Attempts in all; 1: no retry. */
                maxAttempts: number;
                /** @description Before the second attempt; it doubles before each further one. Half of it is left to chance. */
                backoffMs: number;
                /** @description It grows no further than this. */
                maxBackoffMs: number;
                /** @description Reasons after which it is tried again: by default all but `log_limit`, `shutdown` and `unknown_end`. `shutdown` is for one that was ended because the host ended everything on it: the next server tries it again. `unknown_end` is for one whose end nobody saw: it may have done its work. One that somebody cancelled is never tried again. */
                on: ("exit_code" | "signal" | "spawn" | "wall_clock" | "idle_timeout" | "memory" | "log_limit" | "log_incomplete" | "assertion" | "shutdown" | "unknown_end")[];
                /** @description Of attempts that ended with an exit code, only these are tried again; none: any but 0. */
                exitCodes: number[];
            };
            /** @description Kept by the kernel where this machine lets the server make control groups: see GET /api/machine. */
            limits: {
                /** @description Memory of all its processes. */
                memoryBytes: number | null;
                /** @description Processors, such as 0.5. */
                cpus: number | null;
                /** @description Processes and threads at a time. */
                pids: number | null;
            };
            /** @description What else success takes: otherwise the execution fails with reason `assertion`. */
            assert: {
                /** @description Texts that must stand in the log of a bot that exits with 0. */
                mustPrint: string[];
                /** @description Texts that must not. */
                mustNotPrint: string[];
                /** @description Names of artifacts there must be; `*` stands for any part of a name, `**` also for folders. */
                mustCreate: string[];
            };
            tags: string[];
            /** @description A disabled bot is not started by anything. */
            enabled: boolean;
            /** @description Milliseconds since 1970, UTC. */
            createdAt: number;
            /** @description Milliseconds since 1970, UTC. */
            updatedAt: number;
        };
        /** Execution */
        Execution: {
            /** @description UUIDv7. */
            id: string;
            /** @description Null once the bot has been deleted. */
            botId: string | null;
            /** @description As it was when it was started. */
            botSlug: string;
            /** @description As it is now; null once the bot has been deleted. */
            botName: string | null;
            /**
             * @description `lost`: the machine or the processes went down and nobody knows how it ended. It is not run again by itself. `skipped`: it never ran, and `reason` says why.
             * @enum {unknown}
             */
            state: "queued" | "running" | "succeeded" | "failed" | "cancelled" | "timed_out" | "lost" | "skipped";
            /** @enum {string|null} */
            reason: "exit_code" | "signal" | "spawn" | "wall_clock" | "idle_timeout" | "requested" | "replaced" | "shutdown" | "log_limit" | "log_incomplete" | "memory" | "assertion" | "unknown_end" | "restored" | "overlap" | "automation_off" | "bot_disabled" | "invalid_parameters" | "chain_depth" | "retry_wait" | null;
            /** @description For people: what happened, where the reason alone does not say it. */
            detail: string | null;
            /** @enum {unknown} */
            trigger: "manual" | "api" | "schedule" | "webhook" | "chain";
            /** @description The schedule, webhook or chain that started it. */
            triggerId: string | null;
            /** @description As it is now; null once the trigger has been deleted. */
            triggerName: string | null;
            /** @description What its trigger started it for: the instant of a schedule in milliseconds, the id of a delivery, or the id of the execution before. */
            occasion: string | null;
            /** @description Size of the payload it was given, as JSON; null when it was given none. */
            payloadBytes: number | null;
            /** @description How many chains led to it: 0 for one that no chain started. */
            depth: number;
            /** @description Id of who started it. */
            by: string | null;
            parameters: {
                [key: string]: unknown;
            };
            attempts: {
                /** @description From 1. */
                number: number;
                pid: number | null;
                /** @description As a shell reports it: 128 + n for a process that signal n ended. */
                exitCode: number | null;
                /** @description The signal that an exit code above 128 stands for, such as SIGTERM. */
                signal: string | null;
                /**
                 * @description Why the bot is being ended, or was.
                 * @enum {string|null}
                 */
                ending: "cancel" | "timeout" | "log_limit" | "idle_timeout" | "replace" | "shutdown" | null;
                /** @description It runs, or ran, in a terminal. */
                terminal: boolean;
                /** @description It takes, or took, input. */
                input: boolean;
                /** @description Kept by the kernel where this machine lets the server make control groups: see GET /api/machine. */
                limits: {
                    /** @description Memory of all its processes. */
                    memoryBytes: number | null;
                    /** @description Processors, such as 0.5. */
                    cpus: number | null;
                    /** @description Processes and threads at a time. */
                    pids: number | null;
                };
                /**
                 * @description How it ended; null while it runs.
                 * @enum {string|null}
                 */
                state: "succeeded" | "failed" | "cancelled" | "timed_out" | "lost" | null;
                /** @enum {string|null} */
                reason: "exit_code" | "signal" | "spawn" | "wall_clock" | "idle_timeout" | "requested" | "replaced" | "shutdown" | "log_limit" | "log_incomplete" | "memory" | "assertion" | "unknown_end" | "restored" | "overlap" | "automation_off" | "bot_disabled" | "invalid_parameters" | "chain_depth" | "retry_wait" | null;
                /** @description For people: what happened, where the reason alone does not say it. */
                detail: string | null;
                /** @description Milliseconds since 1970, UTC. */
                startedAt: number;
                /** @description Milliseconds since 1970, UTC. */
                endedAt: number | null;
                /** @description Bytes of its log that can be read now. */
                logBytes: number;
                /** @description Processor time of all its processes, once it has ended. */
                cpuMs: number | null;
                /** @description The most memory they were seen to have at a time. */
                maxMemoryBytes: number | null;
                /** @description The most processes it was seen to have at a time. */
                maxPids: number | null;
            }[];
            /** @description Milliseconds since 1970, UTC. */
            queuedAt: number;
            /** @description Milliseconds since 1970, UTC. */
            startedAt: number | null;
            /** @description Milliseconds since 1970, UTC. */
            endedAt: number | null;
            exitCode: number | null;
            priority: number;
            /** @description Its bot's key, filled in; null when the bot has none. */
            concurrencyKey: string | null;
            /** @description While it waits for its next attempt: when that begins at the earliest. */
            notBefore: number | null;
            /** @description Id of the execution it repeats. */
            rerunOf: string | null;
            /** @description What the last attempt wrote into the file that BOTYARD_OUTPUT names, a `name=value` a line. Not in lists and events, as it may be much. */
            outputs?: {
                [key: string]: string;
            };
            /** @description Its bot was not saved but tried; `botSlug` is the one it would have. */
            trial: boolean;
        };
        /** LogPage */
        LogPage: {
            /** @description From 1. */
            attempt: number;
            items: {
                /** @description From 1. */
                line: number;
                /** @description The byte of the log at which it begins. */
                offset: number;
                /** @description When it was printed, in milliseconds, to a second; null when unknown. */
                at: number | null;
                /** @description Without its line break (LF or CRLF). What is no UTF-8 is U+FFFD. */
                text: string;
                /** @description The line is longer than 16 KiB; `text` is its beginning. */
                truncated: boolean;
            }[];
            /** @description The `fromLine` of what comes after; null when that is nothing yet. */
            nextLine: number | null;
            /** @description Lines of the log, one that is not finished yet included. */
            lineCount: number;
            /** @description Bytes of the log when this was read. */
            logBytes: number;
        };
        /** Machine */
        Machine: {
            /** @description What runs goes on, and nothing new starts. */
            draining: boolean;
            /** @description The server stops as soon as nothing runs any more, and ends what still runs then (DRAIN_SECONDS), in ms since 1970; what is started waits for the next one. Null while it does not stop. */
            stopsBy: number | null;
            /** @description Executions that wait. */
            queued: number;
            running: number;
            maxConcurrentExecutions: number;
            maxQueuedExecutions: number;
            disk: {
                /** @description Null when it could not be found out. */
                freeBytes: number | null;
                /** @description Below this nothing new starts. */
                minFreeBytes: number;
                /** @description It is below, or has not got clear of it yet. */
                low: boolean;
            };
            /** @description When the backup was made that this server was restored from, in ms since 1970; null once it runs things again. */
            restoredFrom: number | null;
            backup: components["schemas"]["BackupState"];
            /** @description Which of a bot's limits the kernel keeps here. */
            limits: {
                memory: boolean;
                cpus: boolean;
                pids: boolean;
            };
            /** @description The system user that bots run as, kept from all that is the server's: database, keys, logs. Null when they run as the server's own user, and may do all that it may. */
            botUser: string | null;
            /** @description The address that people and senders of webhooks use, where it is known: PUBLIC_URL. */
            publicUrl: string | null;
        };
        /**
         * Backup state
         * @description How backups to BACKUP_URL stand; null when that is not set.
         */
        BackupState: {
            /** @description When the last was made that is whole, in ms since 1970. */
            lastAt: number | null;
            lastBytes: number | null;
            /** @description Why none was made since, for people. */
            lastError: string | null;
            /** @description Milliseconds since 1970, UTC. */
            nextAt: number;
            /** @description One is being made. */
            running: boolean;
            /** @description The last is older than two of their periods. */
            overdue: boolean;
        } | null;
        /**
         * Secret
         * @description Its value never comes out again.
         */
        Secret: {
            name: string;
            description: string;
            /** @description False when it was kept with another SECRET_KEY: bots that name it cannot be launched until it is given its value again. */
            usable: boolean;
            /** @description Milliseconds since 1970, UTC. */
            createdAt: number;
            /** @description Milliseconds since 1970, UTC. */
            updatedAt: number;
            /** @description When a bot was last launched with it, to the minute; null: never. */
            lastUsedAt: number | null;
            /** @description The bots that name it. */
            usedBy: {
                /** @description UUIDv7. */
                id: string;
                slug: string;
                name: string;
            }[];
        };
        /** Trigger */
        Trigger: {
            /** @description UUIDv7. */
            id: string;
            /** @description UUIDv7. */
            botId: string;
            botSlug: string;
            botName: string;
            /** @enum {unknown} */
            kind: "schedule" | "webhook" | "chain";
            name: string;
            enabled: boolean;
            /** @description What it starts the bot with. */
            parameters: {
                [key: string]: unknown;
            };
            schedule: {
                /** @description Five fields, or six with seconds first; names of months and days; `@daily` and the like. */
                cron: string | null;
                /** @description Every so many milliseconds, counted from `startAt`. */
                everyMs: number | null;
                /** @description Once, at this instant. */
                at: number | null;
                /** @description IANA name, such as Europe/Berlin. */
                timezone: string;
                /** @description Milliseconds since 1970, UTC. */
                startAt: number | null;
                /** @description Milliseconds since 1970, UTC. */
                endAt: number | null;
                /** @description Dates in `timezone` on which it does not run. */
                exclude: string[];
                /** @description Each slot begins up to so much later, by chance. */
                jitterMs: number;
                /**
                 * @description What becomes of slots that passed while no server ran: none is made up for, the latest is, all are.
                 * @enum {unknown}
                 */
                missed: "skip" | "latest" | "all";
                /** @description What was missed longer ago is not made up for. */
                maxAgeMs: number;
                /** @description What is made up for is spread over so long. */
                spreadMs: number;
            } | null;
            webhook: {
                /**
                 * @description How it is found out who sent something. `none`: whoever knows the address is believed; it has to be said in as many words.
                 * @enum {unknown}
                 */
                verification: "github" | "standard" | "gitlab" | "hmac" | "none";
                /** @description Of `hmac`: the header with the signature. It and what follows are null for the others. */
                header: string | null;
                /**
                 * @description sha256 unless given.
                 * @enum {string|null}
                 */
                algorithm: "sha1" | "sha256" | "sha512" | null;
                /** @description What stands before the signature, such as `sha256=`. Of a list with commas, what begins with it counts. */
                prefix: string | null;
                /**
                 * @description hex unless given.
                 * @enum {string|null}
                 */
                encoding: "hex" | "base64" | "base64url" | null;
                /** @description What is signed: `{body}` unless given, `{timestamp}` where the time is signed too: `v0:{timestamp}:{body}`. */
                signed: string | null;
                /** @description The header with the time it was signed at, in seconds since 1970: within five minutes of now. */
                timestampHeader: string | null;
                /** @description What stands before the time, where it is one of a list: `t=`. */
                timestampPrefix: string | null;
                /** @description The header with the sender's own id of what it sends, by which a repeat is known. */
                deliveryHeader: string | null;
                /** @description Which deliveries start the bot; without rules all do. */
                filters: {
                    /** @enum {unknown} */
                    match: "all" | "any";
                    rules: {
                        /** @description JSONPath (RFC 9535) into `{ payload, headers, query }`, such as `$.payload.action`. */
                        path: string;
                        /** @enum {unknown} */
                        op: "equals" | "matches" | "exists";
                        /** @description What `equals` compares with; the pattern (syntax of RE2) that `matches` looks for. */
                        value?: unknown;
                    }[];
                };
                /** @description Parameters of the bot and where their values are found; where nothing is found, none is given. */
                map: {
                    [key: string]: string;
                };
                hasSecret: boolean;
                /** @description Where to send, below this server's address. */
                url: string;
            } | null;
            chain: {
                /** @description The bot it comes after. */
                afterBotId: string;
                /**
                 * @description `failed`: failed, timed out or lost. `any`: these, succeeded and cancelled; never what was skipped.
                 * @enum {unknown}
                 */
                on: "succeeded" | "failed" | "any";
            } | null;
            /** @description When a schedule is due next; null when it is not. */
            nextAt: number | null;
            /** @description Milliseconds since 1970, UTC. */
            createdAt: number;
            /** @description Milliseconds since 1970, UTC. */
            updatedAt: number;
        };
        /**
         * Occurrence
         * @description A slot of a schedule, and what became of it.
         */
        Occurrence: {
            /** @description Its time by the schedule, in milliseconds since 1970, UTC. */
            at: number;
            /** @description When it runs: later than its time with jitter, or where it is made up for. */
            dueAt: number;
            /**
             * @description `expected`: it is still to come. `waiting`: it is due, or is made up for soon. `started`: it has its execution. `skipped`: it did not run, and need not have. `missed`: it was to run, and did not.
             * @enum {unknown}
             */
            state: "expected" | "waiting" | "started" | "skipped" | "missed";
            /**
             * @description Why it did not run, or still waits; null where it is plain.
             * @enum {string|null}
             */
            reason: "superseded" | "not_caught_up" | "too_old" | "too_many" | "queue_full" | "bot_disabled" | "invalid_parameters" | null;
            /** @description What it started, or what says in the history why it did not. */
            executionId: string | null;
        };
        /** CalendarEntry */
        CalendarEntry: {
            /** @description UUIDv7. */
            triggerId: string;
            triggerName: string;
            /** @description UUIDv7. */
            botId: string;
            botSlug: string;
            botName: string;
            /** @description Of its schedule: an IANA name. */
            timezone: string;
            /** @description Its time by the schedule, in milliseconds since 1970, UTC. */
            at: number;
            /** @description When it runs: later than its time with jitter, or where it is made up for. */
            dueAt: number;
            /**
             * @description `expected`: it is still to come. `waiting`: it is due, or is made up for soon. `started`: it has its execution. `skipped`: it did not run, and need not have. `missed`: it was to run, and did not.
             * @enum {unknown}
             */
            state: "expected" | "waiting" | "started" | "skipped" | "missed";
            /**
             * @description Why it did not run, or still waits; null where it is plain.
             * @enum {string|null}
             */
            reason: "superseded" | "not_caught_up" | "too_old" | "too_many" | "queue_full" | "bot_disabled" | "invalid_parameters" | null;
            /** @description What it started, or what says in the history why it did not. */
            executionId: string | null;
        };
        /** SchedulePreview */
        SchedulePreview: {
            /** @description When it runs, in words. */
            sentence: string;
            /** @description Its next slots, without jitter. */
            items: {
                /** @description Milliseconds since 1970, UTC. */
                at: number;
            }[];
        };
        /** Automation */
        Automation: {
            /** @description Whether schedules, webhooks and chains start anything. */
            enabled: boolean;
        };
        /** Delivery */
        Delivery: {
            /** @description UUIDv7. */
            id: string;
            /** @description UUIDv7. */
            triggerId: string;
            /** @description The sender's own id of it; null when it has none. */
            key: string | null;
            /** @description Milliseconds since 1970, UTC. */
            receivedAt: number;
            /** @description Where it came from. */
            address: string;
            /** @description Whether it came from who has the secret. What did not starts nothing, ever. */
            verified: boolean;
            /** @enum {unknown} */
            verdict: "received" | "started" | "skipped" | "filtered" | "ping" | "challenge" | "disabled" | "automation_off" | "bot_disabled" | "invalid_parameters" | "queue_full" | "unreadable" | "too_slow" | "repeated" | "invalid_signature" | "stale" | "too_large";
            /** @description What was wrong, or why it started nothing. */
            detail: string | null;
            bodyBytes: number;
            /** @description What it started. */
            executionId: string | null;
            /** @description The delivery that somebody had started again. */
            replayOf: string | null;
            /** @description The delivery that the sender sent again. */
            repeatOf: string | null;
        };
        /** Delivery with its headers */
        DeliveryDetail: {
            /** @description UUIDv7. */
            id: string;
            /** @description UUIDv7. */
            triggerId: string;
            /** @description The sender's own id of it; null when it has none. */
            key: string | null;
            /** @description Milliseconds since 1970, UTC. */
            receivedAt: number;
            /** @description Where it came from. */
            address: string;
            /** @description Whether it came from who has the secret. What did not starts nothing, ever. */
            verified: boolean;
            /** @enum {unknown} */
            verdict: "received" | "started" | "skipped" | "filtered" | "ping" | "challenge" | "disabled" | "automation_off" | "bot_disabled" | "invalid_parameters" | "queue_full" | "unreadable" | "too_slow" | "repeated" | "invalid_signature" | "stale" | "too_large";
            /** @description What was wrong, or why it started nothing. */
            detail: string | null;
            bodyBytes: number;
            /** @description What it started. */
            executionId: string | null;
            /** @description The delivery that somebody had started again. */
            replayOf: string | null;
            /** @description The delivery that the sender sent again. */
            repeatOf: string | null;
            /** @description Without the values of secrets and signatures. */
            headers: {
                [key: string]: string;
            };
            query: {
                [key: string]: string;
            };
        };
        /** Receipt of a delivery */
        Receipt: {
            /** @description UUIDv7. */
            deliveryId: string;
            /** @enum {unknown} */
            verdict: "received" | "started" | "skipped" | "filtered" | "ping" | "challenge" | "disabled" | "automation_off" | "bot_disabled" | "invalid_parameters" | "queue_full" | "unreadable" | "too_slow" | "repeated" | "invalid_signature" | "stale" | "too_large";
            executionId: string | null;
        };
        /**
         * Channel
         * @description A way to tell somebody something.
         */
        Channel: {
            /** @description UUIDv7. */
            id: string;
            name: string;
            /** @enum {unknown} */
            kind: "email" | "webhook" | "slack" | "discord" | "telegram" | "ntfy" | "ping";
            /** @description Without those that are secret. By kind. `email`: to (a list), from, smtpUrl*. `webhook`: url, secret*. `slack` and `discord`: url*. `telegram`: token*, chatId, server. `ntfy`: server, topic, token*. `ping`: url*. Those with a * are secret: written, and never shown again. */
            settings: {
                [key: string]: unknown;
            };
            /** @description The names of the secret settings that it has. */
            secrets: string[];
            /** @description Milliseconds since 1970, UTC. */
            createdAt: number;
            /** @description Milliseconds since 1970, UTC. */
            updatedAt: number;
        };
        /** Notification rule */
        NotificationRule: {
            /** @description UUIDv7. */
            id: string;
            /** @description The bot it is for; null: all. */
            botId: string | null;
            botSlug: string | null;
            botName: string | null;
            name: string;
            /** @description `failed`: failed, timed out or lost, but not cancelled. `first_failure`: that, after a success or as the first. `recovered`: a success after a failure. `slot_missed`: a schedule did not start its bot. `long_running`: it has been running for `longRunningMs`. */
            events: ("failed" | "first_failure" | "recovered" | "succeeded" | "slot_missed" | "long_running")[];
            channelIds: string[];
            /** @description So long after a notice about a bot no other of the same event is sent; the next says how many were not. A `ping` is always sent. */
            quietMs: number;
            /** @description For the event `long_running`. */
            longRunningMs: number | null;
            /** @description Last lines of the log that are told. */
            logLines: number;
            enabled: boolean;
            /** @description Milliseconds since 1970, UTC. */
            createdAt: number;
            /** @description Milliseconds since 1970, UTC. */
            updatedAt: number;
        };
        /**
         * Notice
         * @description Something a channel is told.
         */
        Notice: {
            /** @description UUIDv7. */
            id: string;
            /** @description Null once the rule has been deleted. */
            ruleId: string | null;
            ruleName: string | null;
            /** @description UUIDv7. */
            channelId: string;
            channelName: string;
            /** @enum {unknown} */
            event: "failed" | "first_failure" | "recovered" | "succeeded" | "slot_missed" | "long_running";
            /** @description What it says. */
            title: string;
            botId: string | null;
            executionId: string | null;
            /** @description When it happened: milliseconds since 1970, UTC. */
            at: number;
            /**
             * @description `suppressed`: the rule was to be quiet by then. `failed`: it is given up.
             * @enum {unknown}
             */
            state: "waiting" | "sent" | "failed" | "suppressed";
            tries: number;
            /** @description When it is tried next, while it waits. */
            nextAt: number | null;
            /** @description What came of the last try. */
            detail: string | null;
            /** @description Milliseconds since 1970, UTC. */
            createdAt: number;
            /** @description Milliseconds since 1970, UTC. */
            settledAt: number | null;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
