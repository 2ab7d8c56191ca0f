namespace Zilla.DevKafka.Wire;

/// <summary>
/// What precedes every request's body.
/// <code>
/// api key: int16 | api version: int16 | correlation id: int32 | client id: nullable string | (flexible versions) tagged fields
/// </code>
/// The response carries the correlation id back, then (flexible versions, but never ApiVersions) tagged fields.
/// </summary>
internal readonly record struct RequestHeader(ApiKey Key, short Version, int CorrelationId)
{
    /// <summary>Reads what is the same in all header versions; the rest depends on whether the API's version is flexible.</summary>
    public static RequestHeader Read(WireReader reader) => new((ApiKey)reader.Int16(), reader.Int16(), reader.Int32());
}
