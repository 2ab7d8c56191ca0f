using System.Diagnostics;
using Zilla.Config.Loading;

namespace Zilla.Control.Exchange;

/// <summary>RFC 9457.</summary>
internal static class Problems
{
    public static IResult Of(HttpContext context, int status, string title, string detail, IReadOnlyList<ConfigurationError>? errors = null)
    {
        var more = new Dictionary<string, object?> { ["traceId"] = Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier };
        if (errors is not null)
        {
            more["errors"] = errors;
        }

        return Results.Problem(detail, statusCode: status, title: title, extensions: more);
    }

    /// <summary>In one line.</summary>
    public static string Describe(IReadOnlyList<ConfigurationError> errors) =>
        FormattableString.Invariant($"{errors.Count} in all; the first at line {errors[0].Line}, column {errors[0].Column}: {errors[0].Message}");
}
