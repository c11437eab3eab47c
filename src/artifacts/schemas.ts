import { Type } from 'typebox'
import { ExecutionRef } from '../executions/schemas.ts'
import { nullable, Timestamp } from '../lib/schemas.ts'
import { DEFAULT_LINK_SECONDS, MAX_LINK_SECONDS } from './links.ts'

export const Artifact = Type.Object(
  {
    name: Type.String({ description: 'Its way from the folder of artifacts, such as `reports/may.pdf`.' }),
    bytes: Type.Integer(),
    modifiedAt: Timestamp
  },
  { additionalProperties: false }
)

export const ArtifactList = Type.Object(
  {
    items: Type.Array(Artifact, { description: 'By name.' }),
    truncated: Type.Boolean({ description: 'There are more than could be listed.' }),
    stored: Type.Enum(['local', 'uploading', 'bucket'], {
      description:
        "Where they are: on the server's disk; there, and to be brought to the bucket; or in the bucket. They are downloaded in the same way."
    }),
    detail: nullable(Type.String({ description: 'For people: why they are not in the bucket yet, or never will be.' }))
  },
  { additionalProperties: false }
)

const name = Type.String({ description: 'Name of an artifact; its slashes may be sent as they are.' })

export const ArtifactRef = Type.Object({ ...ExecutionRef.properties, '*': name })

export const SharedArtifactRef = Type.Object({
  ...ExecutionRef.properties,
  attempt: Type.Integer({ minimum: 1, maximum: 999_999 }),
  '*': name
})

export const LinkQuery = Type.Object(
  {
    expires: Type.Integer({ minimum: 0, maximum: 253_402_300_799, description: 'Seconds since 1970, UTC.' }),
    signature: Type.String({ maxLength: 100 })
  },
  { additionalProperties: false }
)

export const NewArtifactLink = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 4096, description: 'Of the artifact, as it is listed.' }),
    attempt: Type.Optional(Type.Integer({ minimum: 1, maximum: 999_999, description: 'Default: the last.' })),
    expiresInSeconds: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_LINK_SECONDS,
        description: `Default: ${DEFAULT_LINK_SECONDS}.`
      })
    )
  },
  { additionalProperties: false }
)

export const ArtifactLink = Type.Object(
  { url: Type.String({ description: 'Whole, with the address of the server.' }), expiresAt: Timestamp },
  { additionalProperties: false }
)

const bytes = { 'application/octet-stream': { schema: Type.String() } }

export const ArtifactBytes = {
  200: { description: 'Its bytes, to be saved. Pictures, sounds and films are sent as what they are.', content: bytes },
  206: { description: 'The range asked for.', content: bytes }
}
