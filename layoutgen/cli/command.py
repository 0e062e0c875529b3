"""The class of every command: an option that holds one value is given once."""

import click


class Command(click.Command):
    """A command that refuses what click would drop: the first value of an option that is given twice."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        _, _, order = self.make_parser(ctx).parse_args(list(args))
        for parameter in order:
            single = isinstance(parameter, click.Option) and not (parameter.multiple or parameter.count)
            # a flag that is said twice says the same
            if single and not _is_plain_flag(parameter) and order.count(parameter) > 1:
                message = "is given more than once; it takes one value"
                raise click.BadParameter(message, ctx=ctx, param=parameter)
        return super().parse_args(ctx, args)


class Group(click.Group):
    """A group of such commands."""

    command_class = Command


def _is_plain_flag(parameter: click.Parameter) -> bool:
    return isinstance(parameter, click.Option) and parameter.is_flag and not parameter.secondary_opts
