using Zilla.Config.Guards;
using Zilla.Config.Loading;

namespace Zilla.Config.Validation;

/// <summary>
/// Every <c>${…}</c> in a route's <c>with</c> is one that has a value when the route is taken (reference §1.2): a parameter is bound by each of
/// the route's conditions, since any of them alone can take it; the idempotency key exists in produce alone, the
/// correlation id in its <c>async</c> alone.
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
                foreach (var expression in Expression.In(text))
                {
                    if (Problem(expression, route.Produces, at.Parent is { Key: "async" }, route.Bound, configuration, findings) is { } problem)
                    {
                        findings.Report(at, problem);
                    }
                    else if (!route.KnowsClient && GuardedExpression.TryParse(expression!) is not null)
                    {
                        findings.Report(at, $"'${{{expression}}}' has no value in '{at.Key}'");
                    }
                }
            }
        }
    }

    private static string? Problem(string? expression, bool produces, bool async, IReadOnlyList<BoundParameters> bound, ZillaConfiguration configuration, Findings findings) => expression switch
    {
        null => "'${' without '}'",
        _ when expression.StartsWith(Params, StringComparison.Ordinal) => Unbound(expression[Params.Length..], bound) is { } where
            ? $"'${{{expression}}}' is not bound by {where}"
            : null,
        "idempotencyKey" => async ? "'${idempotencyKey}' has no value in 'async'" : produces ? null : "'${idempotencyKey}' has a value in 'capability: produce' alone",
        "correlationId" => async ? null : "'${correlationId}' has a value in 'async' alone",
        _ when GuardedExpression.TryParse(expression) is { } guarded => Problem(guarded, configuration, findings),
        _ => $"there is no expression '${{{expression}}}'",
    };

    /// <summary>Null if there is none.</summary>
    internal static string? Problem(GuardedExpression guarded, ZillaConfiguration configuration, Findings findings) => configuration.Guards.GetValueOrDefault(guarded.Guard) switch
    {
        null => $"no guard is named '{guarded.Guard}'" + findings.Suggest(guarded.Guard, configuration.Guards.Keys),
        InlineGuard => $"the guard '{guarded.Guard}' is of type inline and tells no client from another",
        _ => null,
    };

    private static string? Unbound(string name, IReadOnlyList<BoundParameters> bound) => bound.Count == 0
        ? "this route, which has no 'when'"
        : bound.FirstOrDefault(condition => condition.Names?.Contains(name) != true)?.Where;
}
