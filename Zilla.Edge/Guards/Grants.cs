using Zilla.Config.Bindings;
using Zilla.Config.Guards;

namespace Zilla.Edge.Guards;

/// <summary>All that guards have granted a client; few, so a list.</summary>
public sealed class Grants(IReadOnlyList<Grant> grants)
{
    public static Grants None { get; } = new([]);

    public IReadOnlyList<Grant> All => grants;

    /// <summary>The last that names the client: what a request carries says more than the connection it came on. Null: none does.</summary>
    public Grant? Named
    {
        get
        {
            for (var last = grants.Count - 1; last >= 0; last--)
            {
                if (grants[last].Identity is not null)
                {
                    return grants[last];
                }
            }

            return null;
        }
    }

    /// <summary>Null: that guard has granted nothing.</summary>
    public Grant? this[string guard]
    {
        get
        {
            foreach (var grant in grants)
            {
                if (grant.Guard == guard)
                {
                    return grant;
                }
            }

            return null;
        }
    }

    /// <summary>When the first of them expires; null: none does.</summary>
    public DateTimeOffset? Earliest => grants.Min(grant => grant.Expires);

    /// <summary>Whether a route takes their client: all of its guards have granted all of its roles. For routes whose roles hold no expressions.</summary>
    public bool Open(RouteConfig route)
    {
        ArgumentNullException.ThrowIfNull(route);
        return route.Guarded.All(guarded => this[guarded.Key] is { } grant && guarded.Value.All(grant.Roles.Contains));
    }

    public Grants With(Grant grant) => new([.. grants, grant]);

    /// <summary>What an expression stands for; null: nothing, and then nothing may be done in its name.</summary>
    public string? this[GuardedExpression expression]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(expression);
            return expression.Attribute is { } attribute ? this[expression.Guard]?.Attributes.GetValueOrDefault(attribute) : this[expression.Guard]?.Identity;
        }
    }
}
