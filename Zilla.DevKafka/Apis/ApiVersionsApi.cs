using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

/// <summary>
/// ApiVersions v0-4, flexible from 3.
/// <code>
/// request:  (v3+) software name, software version
/// response: error | [api key, min, max] | (v1+) throttle ms
/// </code>
/// </summary>
internal sealed class ApiVersionsApi(Func<IReadOnlyList<ApiVersionRange>> ranges) : IApi
{
    public ApiVersionRange Versions { get; } = new(ApiKey.ApiVersions, 0, 4, 3);

    public ValueTask HandleAsync(ApiCall call, CancellationToken cancellation)
    {
        if (call.Version >= 3)
        {
            call.Request.String();
            call.Request.String();
            call.Request.Tags();
        }

        Write(call.Response, ErrorCode.None, ranges(), call.Version);
        return ValueTask.CompletedTask;
    }

    /// <summary>The answer to a version this broker does not know: version 0 with error 35, from which the client learns what to ask.</summary>
    public static void WriteUnsupported(WireWriter response, IReadOnlyList<ApiVersionRange> ranges) =>
        Write(response, ErrorCode.UnsupportedVersion, ranges, version: 0);

    private static void Write(WireWriter response, ErrorCode error, IReadOnlyList<ApiVersionRange> ranges, short version)
    {
        response.Error(error);
        response.Array(ranges, static (w, range) =>
        {
            w.Int16((short)range.Key);
            w.Int16(range.Minimum);
            w.Int16(range.Maximum);
            w.Tags();
        });
        if (version >= 1)
        {
            response.Int32(0);
        }

        response.Tags();
    }
}
