import { Type } from 'typebox'
import { ExecutionRef } from '../executions/schemas.ts'
import { Timestamp } from '../schemas.ts'

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
    truncated: Type.Boolean({ description: 'There are more than could be listed.' })
  },
  { additionalProperties: false }
)

export const ArtifactRef = Type.Object({
  ...ExecutionRef.properties,
  '*': Type.String({ description: 'Name of an artifact; its slashes may be sent as they are.' })
})
