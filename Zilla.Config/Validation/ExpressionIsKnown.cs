using Zilla.Config.Loading;

namespace Zilla.Config.Validation;

/// <summary>
/// Every <c>${…}</c> in a route's <c>with</c> is one that has a value when the route is taken (reference §1.2): a parameter is bound by each of
/// the route's conditions, since any of them alone can take it; the idempotency key exists in produce alone.
/// </summary>
internal sealed class ExpressionIsKnown : IConfigurationRule
{
    private const string Params = "params.";

    public void Check(ZillaConfiguration configuration, Findings findings)
    {
        foreach (var route in TemplatedRoute.Of(configuration))
        {
            foreach (var (text, at) in route.Templates)
            {
                foreach (var expression in Expressions(text))
                {
                    if (Problem(expression, route) is { } problem)
                    {
                        findings.Report(at, problem);
                    }
                }
            }
        }
    }

    private static string? Problem(string? expression, TemplatedRoute route) => expression switch
    {
        null => "'${' without '}'",
        _ when expression.StartsWith(Params, StringComparison.Ordinal) => Unbound(expression[Params.Length..], route) is { } where
            ? $"'${{{expression}}}' is not bound by {where}"
            : null,
        "idempotencyKey" => route.Produces ? null : "'${idempotencyKey}' has a value in 'capability: produce' alone",
        "correlationId" => "'${correlationId}' is not supported yet",
        _ when expression.StartsWith("guarded[", StringComparison.Ordinal) => $"'${{{expression}}}' is not supported yet",
        _ => $"there is no expression '${{{expression}}}'",
    };

    private static string? Unbound(string name, TemplatedRoute route)
    {
        if (route.Paths.Count == 0)
        {
            return "this route, which has no 'when'";
        }

        for (var index = 0; index < route.Paths.Count; index++)
        {
            if (route.Paths[index] is not { } path || !PathPattern.Parameters(path, out _).Contains(name))
            {
                return $"when[{index}]" + (route.Paths[index] is null ? ", which has no 'path'" : "");
            }
        }

        return null;
    }

    /// <summary>What stands inside each <c>${…}</c>; null for one that is never closed.</summary>
    private static IEnumerable<string?> Expressions(string text)
    {
        for (var open = text.IndexOf("${", StringComparison.Ordinal); open >= 0;)
        {
            var close = text.IndexOf('}', open);
            yield return close < 0 ? null : text[(open + 2)..close];
            open = close < 0 ? -1 : text.IndexOf("${", close, StringComparison.Ordinal);
        }
    }
}
